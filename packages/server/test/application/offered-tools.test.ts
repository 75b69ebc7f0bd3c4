import { describe, expect, it } from 'vitest'
import type { ClientProfile } from '../../src/application/index.ts'
import { says } from '../fakes/scripted-model.ts'
import { client, TestApplication } from './start-application.ts'

const reads = ['read_file', 'list_files', 'search_in_code']
const changes = ['create_directory', 'execute_command', 'edit_file', 'delete_file', 'move_file', 'command_output']

const profiles = {
  ide: null,
  'features only': client(['deltas', 'usage']),
  terminal: client(['parallel-tools'], { tools: [...reads, 'write_file', ...changes, 'ask_followup_question'] }),
  'no commands': client([], { tools: [...reads, 'write_file', 'create_directory'] }),
  'only reads': client([], { tools: reads }),
  'no tools': client([], { tools: [] }),
} satisfies Record<string, ClientProfile | null>

/** By agent and client, in the order in which the model is told of them. */
const offered: readonly (readonly [agent: string, profile: keyof typeof profiles, tools: string])[] = [
  ['coder', 'ide', 'read write list mkdir run search edit'],
  ['coder', 'features only', 'read write list mkdir run search ask edit'],
  ['coder', 'terminal', 'read write list mkdir run search ask edit delete move artifact output'],
  ['coder', 'no commands', 'read write list mkdir search ask artifact'],
  ['coder', 'only reads', 'read list search ask artifact'],
  ['coder', 'no tools', 'ask artifact'],
  ['architect', 'ide', 'switch read write list search edit'],
  ['architect', 'terminal', 'switch read write list search ask edit artifact'],
  ['architect', 'no commands', 'switch read write list search ask artifact'],
  ['architect', 'only reads', 'switch read list search ask artifact'],
  ['debug', 'ide', 'switch read list run search'],
  ['debug', 'terminal', 'switch read list run search ask artifact output'],
  ['debug', 'no commands', 'switch read list search ask artifact'],
  ['debug', 'only reads', 'switch read list search ask artifact'],
  ['ask', 'ide', 'switch read list search'],
  ['ask', 'terminal', 'switch read list search artifact'],
  ['ask', 'no commands', 'switch read list search artifact'],
  ['ask', 'only reads', 'switch read list search artifact'],
  ['universal', 'ide', 'read write list mkdir run search edit'],
  ['universal', 'terminal', 'read write list mkdir run search ask edit delete move artifact output'],
  ['universal', 'only reads', 'read list search ask artifact'],
]

const short: Readonly<Record<string, string>> = {
  read_file: 'read',
  write_file: 'write',
  list_files: 'list',
  create_directory: 'mkdir',
  execute_command: 'run',
  search_in_code: 'search',
  ask_followup_question: 'ask',
  edit_file: 'edit',
  delete_file: 'delete',
  move_file: 'move',
  read_artifact: 'artifact',
  command_output: 'output',
  switch_mode: 'switch',
}

async function firstRequest(agent: string, profile: ClientProfile | null) {
  await using app = await TestApplication.start({ mode: agent === 'universal' ? 'single' : 'multi' })
  app.model.push(says('ok'))
  await app.send({ kind: 'message', content: 'hi', agent }, profile ? { client: profile } : {})
  const request = app.model.calls.at(-1)
  if (!request) throw new Error('the model was not asked')
  return request
}

describe('what a model is offered', () => {
  it.each(offered)('%s for %s: %s', async (agent, profile, expected) => {
    const { tools } = await firstRequest(agent, profiles[profile])
    expect(tools.map(({ name }) => short[name] ?? name).join(' ')).toBe(expected)
  })

  it('says of write_file that edits are better, where there are edits', async () => {
    const said = async (profile: ClientProfile | null) =>
      (await firstRequest('coder', profile)).tools.find(({ name }) => name === 'write_file')?.description
    expect(await said(profiles.terminal)).toContain('prefer edit_file')
    expect(await said(profiles.ide)).toContain('prefer edit_file')
    expect(await said(profiles['no commands'])).not.toContain('edit_file')
  })
})
