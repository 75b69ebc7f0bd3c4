import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { tools } from '../../catalogue/tools/index.ts'
import { type AgentDefinition, refusalFor } from '../../domain/agent.ts'
import { createMarkdownAgents } from './markdown-agents.ts'
import { createWorkspaceAgentReader } from './workspace-agents.ts'

const knownTools = tools.map(({ name }) => name)
let known: readonly AgentDefinition[]
let fragments: ReadonlyMap<string, string>
beforeAll(async () => {
  const catalogue = await createMarkdownAgents({ knownTools }).load()
  known = catalogue.agents
  fragments = catalogue.fragments ?? new Map()
})

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const file = (text: string, name = 'reviewer.md') => ({ path: `.codelab/agents/${name}`, text, sha256: sha256(text) })
const read = (...files: ReturnType<typeof file>[]) =>
  createWorkspaceAgentReader({ knownTools, aliases: ['fast'], fragments }).read(files, known)

const reviewer = (lines = 'tools: [read_file, list_files]') =>
  `---\nname: reviewer\ndisplay_name: Reviewer\n${lines}\n---\nYou review changes.\n`

describe('an agent of a workspace', () => {
  it('is read as every other, with its model and our fragments', () => {
    const { agents, faults } = read(
      file(reviewer('tools: [read_file]\nmodel: fast\ninclude: [_common-rules.md, _own.md]')),
      file('Own rules.', '_own.md'),
    )
    expect(faults).toEqual([])
    expect(agents).toMatchObject([{ name: 'reviewer', model: 'fast', tools: ['read_file'], role: 'specialist' }])
    expect(agents[0]?.prompt).toContain('Own rules.')
    expect(agents[0]?.prompt).toContain(fragments.get('_common-rules.md')?.trim().slice(0, 40))
  })

  it('has no tool that there is not, and no model either', () => {
    const { agents, faults } = read(file(reviewer('tools: [read_file, launch_rocket]\nmodel: gpt-9')))
    expect(agents).toMatchObject([{ name: 'reviewer', tools: ['read_file'] }])
    expect(agents[0]).not.toHaveProperty('model')
    expect(faults.map(({ text }) => text)).toEqual([
      "There is no model 'gpt-9'. Known: fast. The default answers",
      'Left out, because there is not: launch_rocket',
    ])
  })

  it('keeps within the tools and the rules of the agent whose place it takes', () => {
    const architect = `---\nname: architect\ndisplay_name: Mine\ntools: [read_file, write_file, execute_command]\nfile_rules:\n  - { tools: [write_file], pattern: '.*' }\n---\nI write all.\n`
    const { agents } = read(file(architect, 'architect.md'))
    const [agent] = agents
    expect(agent?.tools).not.toContain('execute_command')
    expect(agent && refusalFor(agent, 'write_file', { path: 'src/a.ts' })?.code).toBe('path_not_allowed')
    expect(agent && refusalFor(agent, 'write_file', { path: 'plan.md' })).toBeUndefined()
  })
})

describe('a file that cannot be used is named and left out', () => {
  it.each<[string, ReturnType<typeof file>, string]>([
    ['no settings', file('You review.'), 'The file has to begin with settings'],
    ['a setting that there is not', file(reviewer('tools: []\ncolour: red')), 'Unrecognized key'],
    [
      'a rule that is no expression',
      file(reviewer("tools: [write_file]\nfile_rules:\n  - { tools: [write_file], pattern: '(' }")),
      'is not a regular expression',
    ],
    ['a router', file(reviewer('role: router\ntools: []')), 'Who routes is the matter of the server'],
    ['our router', file(reviewer().replace('name: reviewer', 'name: orchestrator')), 'Who routes is the matter'],
    ['a classifier', file('---\n---\nx', 'classifier.md'), 'Who routes is the matter of the server'],
    [
      'another text than was trusted',
      { ...file(reviewer()), sha256: sha256('other') },
      'not the one that its hash names',
    ],
    ['a long one', file('x'.repeat(16_385)), 'longer than 16 KiB'],
  ])('%s', (_name, given, text) => {
    const { agents, faults } = read(given)
    expect(agents).toEqual([])
    expect(faults).toHaveLength(1)
    expect(faults[0]).toMatchObject({ file: given.path, text: expect.stringContaining(text) })
  })

  it('the second of a name', () => {
    const { agents, faults } = read(file(reviewer()), file(reviewer(), 'again.md'))
    expect(agents).toHaveLength(1)
    expect(faults).toMatchObject([{ file: '.codelab/agents/again.md' }])
  })

  it('and no more is told than a person reads', () => {
    const { faults } = read(...Array.from({ length: 30 }, (_, place) => file('no settings', `${place}.md`)))
    expect(faults).toHaveLength(16)
  })
})
