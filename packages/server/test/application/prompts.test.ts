import { describe, expect, it } from 'vitest'
import { createAgents } from '../../src/application/agents.ts'
import type { ClientProfile } from '../../src/application/index.ts'
import { requestHead } from '../../src/application/run/build-request.ts'
import { tools } from '../../src/catalogue/tools/index.ts'
import { workspaceFacts } from '../../src/domain/workspace.ts'
import { createMarkdownAgents } from '../../src/infrastructure/agents/markdown-agents.ts'
import { uuidIds } from '../../src/infrastructure/uuid-ids.ts'
import { ScriptedModel } from '../fakes/scripted-model.ts'
import { client } from './start-application.ts'

const model = new ScriptedModel()
const names = tools.map(({ name }) => name)
const context = { os: 'linux x64', shell: 'zsh', date: '2026-01-01' }
const limits = { max_read_bytes: 1_048_576, command_timeout_s: 30, odd: 7 }
const profiles: readonly (readonly [name: string, profile: ClientProfile | null])[] = [
  ['the shipped IDE', null],
  ['a client with features only', client(['deltas'])],
  ['our terminal', client(['deltas', 'parallel-tools'], { tools: names, limits, context })],
  ['a client that only reads', client([], { tools: ['read_file', 'list_files', 'search_in_code'], context })],
  [
    'a client without an edit tool',
    client(['parallel-tools'], { tools: names.filter((name) => name !== 'edit_file'), context }),
  ],
]
const catalogue = await createMarkdownAgents({ knownTools: names }).load()
const cases = (['multi', 'single'] as const).flatMap((mode) =>
  createAgents(catalogue, mode).list.flatMap((agent) =>
    profiles.map(([name, profile]) => [agent.name, name, mode, profile] as const),
  ),
)

describe('a prompt', () => {
  it.each(cases)(
    'of %s for %s in %s mode names the tools that are offered and no others, in at most 6 KiB',
    (agentName, _, mode, profile) => {
      const agents = createAgents(catalogue, mode)
      const frozen = workspaceFacts(profile, 's') ?? null
      const head = requestHead(
        { tools, agents, ids: uuidIds },
        agents.require(agentName),
        profile,
        { frozen, told: frozen },
        model,
      )
      const [prompt] = head.sections
      const named = names.filter((name) => prompt?.text.includes(`\`${name}\``))
      expect(named.toSorted()).toEqual(head.tools.map(({ name }) => name).toSorted())
      expect(Buffer.byteLength(prompt?.text ?? '')).toBeLessThanOrEqual(6 * 1024)
      expect(prompt?.text).not.toContain('<!-- ')
      expect(prompt?.text.split('\n')[0]).toBe(agents.require(agentName).description)
    },
  )

  it('says the limits of the client, and without them those of the shipped one', () => {
    const agents = createAgents(catalogue, 'multi')
    const systemOf = (profile: ClientProfile | null) => {
      const frozen = workspaceFacts(profile, 's') ?? null
      return requestHead(
        { tools, agents, ids: uuidIds },
        agents.require('coder'),
        profile,
        { frozen, told: frozen },
        model,
      ).system
    }
    const own = systemOf(client([], { tools: names, limits, context }))
    expect(own).toContain(
      '- A file of more than 1 MB cannot be read.\n- A command is stopped after 30 seconds unless its `timeout` says more.\n- odd: 7',
    )
    expect(own).not.toContain('Files up to 10 MB')
    expect(systemOf(null)).toContain('Files up to 10 MB')
  })
})
