import { describe, expect, it } from 'vitest'
import { type AgentDefinition, agentsIn, createFileRule, type FileRule, refusalFor, widensRights } from './agent.ts'

function agent(change: Partial<AgentDefinition> = {}): AgentDefinition {
  return {
    name: 'writer',
    displayName: 'Writer Agent',
    description: 'You write.',
    prompt: 'You write.',
    tools: ['read_file', 'write_file'],
    fileRules: [],
    modes: ['multi'],
    role: 'specialist',
    ...change,
  }
}

const markdownOnly = createFileRule(['write_file'], '.*\\.md$', "Only markdown. File '{path}' is not allowed.")

describe('refusalFor', () => {
  it('lets an agent call its own tools anywhere when it has no file rules', () => {
    expect(refusalFor(agent(), 'write_file', { path: 'a.ts' })).toBeUndefined()
  })

  it('takes the text of the tool, then the one for all others, then a plain one', () => {
    const refusals = { write_file: 'Never write.', '*': "No '{tool}' here" }
    const reader = agent({ tools: ['read_file'], refusals })
    expect(refusalFor(reader, 'write_file', {})).toEqual({ code: 'tool_not_allowed', text: 'Never write.' })
    expect(refusalFor(reader, 'run', {})?.text).toBe("No 'run' here")
    expect(refusalFor(agent(), 'run', {})?.text).toBe("Tool 'run' is not allowed for Writer agent")
  })

  it('is not misled by names that every object has, nor by signs that a replacement understands', () => {
    const reader = agent({ tools: [], refusals: { '*': "No '{tool}' here" } })
    expect(refusalFor(reader, 'constructor', {})?.text).toBe("No 'constructor' here")
    expect(refusalFor(reader, '$&{path}', {})?.text).toBe("No '$&{path}' here")
  })

  it('shows neither control characters nor endless names', () => {
    const text = refusalFor(agent({ tools: [] }), `a\u001b[2J${'x'.repeat(9000)}`, {})?.text ?? ''
    expect(text).not.toContain('\u001b')
    expect(text.length).toBeLessThan(600)
  })

  const architect = agent({ fileRules: [markdownOnly] })

  it.each(['a.md', 'docs/plan.md', './docs/../plan.md', 'docs\\plan.md', 'план.md'])('a rule allows %s', (path) => {
    expect(refusalFor(architect, 'write_file', { path })).toBeUndefined()
  })

  it.each([
    'a.ts',
    'a.md.ts',
    'a.MD',
    'a.md/x.ts',
    'a.md\n',
    '../a.md',
    '/a.md',
    '~/a.md',
    'a.md\0',
    `${'x'.repeat(1100)}.md`,
  ])('a rule refuses %j', (path) => {
    expect(refusalFor(architect, 'write_file', { path })?.code).toBe('path_not_allowed')
  })

  it('names the path as it was asked for; a missing one counts as empty', () => {
    expect(refusalFor(architect, 'write_file', { path: './a.ts' })?.text).toBe(
      "Only markdown. File './a.ts' is not allowed.",
    )
    expect(refusalFor(architect, 'write_file', {})?.text).toBe("Only markdown. File '' is not allowed.")
    expect(refusalFor(architect, 'write_file', { path: 5 })?.text).toBe("Only markdown. File '' is not allowed.")
  })

  it('holds where files are written also for edits, deletions and both ends of a move', () => {
    const tools = ['write_file', 'edit_file', 'delete_file', 'move_file']
    const writer = agent({ tools, fileRules: [markdownOnly] })
    const ends = ['source_path', 'destination_path']
    expect(refusalFor(writer, 'edit_file', { path: 'a.md' })).toBeUndefined()
    expect(refusalFor(writer, 'edit_file', { path: 'a.ts' })?.code).toBe('path_not_allowed')
    expect(refusalFor(writer, 'delete_file', { path: 'a.ts' })?.code).toBe('path_not_allowed')
    const move = (from: string, to: string) =>
      refusalFor(writer, 'move_file', { source_path: from, destination_path: to }, ends)?.text
    expect(move('a.md', 'b.md')).toBeUndefined()
    expect(move('a.md', 'b.ts')).toBe("Only markdown. File 'b.ts' is not allowed.")
    expect(move('a.ts', 'b.md')).toBe("Only markdown. File 'a.ts' is not allowed.")
    expect(refusalFor(writer, 'move_file', { source_path: 'a.md' }, ends)?.code).toBe('path_not_allowed')
  })

  it('asks nothing of tools that no rule names', () => {
    expect(refusalFor(architect, 'read_file', { path: 'a.ts' })).toBeUndefined()
  })

  it('is content when one of several rules matches', () => {
    const both = agent({ fileRules: [markdownOnly, createFileRule(['write_file'], 'docs/.*')] })
    expect(refusalFor(both, 'write_file', { path: 'docs/a.ts' })).toBeUndefined()
    expect(refusalFor(both, 'write_file', { path: 'src/a.ts' })?.code).toBe('path_not_allowed')
  })

  it('has a usual text for a rule without one', () => {
    const restricted = agent({ displayName: 'Coder Agent', fileRules: [createFileRule(['write_file'], 'src/.*')] })
    expect(refusalFor(restricted, 'write_file', { path: 'a.ts' })?.text).toBe(
      "File 'a.ts' editing is restricted for Coder agent",
    )
  })
})

describe('createFileRule', () => {
  it('matches the whole path, alternatives included', () => {
    expect(createFileRule(['write_file'], 'a|b').expression.test('ax')).toBe(false)
  })

  it.each(['(', 'a'.repeat(501)])('refuses the pattern %s', (pattern) => {
    expect(() => createFileRule([], pattern)).toThrow(expect.objectContaining({ code: 'invalid_input' }))
  })
})

describe('agentsIn', () => {
  it('keeps the order of registration', () => {
    const agents = [
      agent({ name: 'router', modes: ['multi', 'single'], role: 'router' }),
      agent({ name: 'one' }),
      agent({ name: 'all', modes: ['single'] }),
      agent({ name: 'two' }),
    ]
    expect(agentsIn(agents, 'multi').map(({ name }) => name)).toEqual(['router', 'one', 'two'])
    expect(agentsIn(agents, 'single').map(({ name }) => name)).toEqual(['router', 'all'])
  })
})

describe('widensRights', () => {
  const tools = [
    { name: 'read_file', class: 'read' },
    { name: 'write_file', class: 'write' },
    { name: 'execute_command', class: 'execute' },
  ] as const
  const markdown = createFileRule(['write_file'], '.*\\.md$')
  const agentWith = (allowed: readonly string[], fileRules: readonly FileRule[] = []): AgentDefinition => ({
    name: 'a',
    displayName: 'A Agent',
    description: '',
    prompt: '',
    tools: allowed,
    fileRules,
    modes: ['multi'],
    role: 'specialist',
  })
  const reader = agentWith(['read_file'])
  const planner = agentWith(['read_file', 'write_file'], [markdown])
  const runner = agentWith(['read_file', 'execute_command'])
  const doer = agentWith(['read_file', 'write_file', 'execute_command'])

  it.each([
    ['reading to all', reader, doer, true],
    ['reading to running', reader, runner, true],
    ['some files to all files', planner, doer, true],
    ['running to writing', runner, planner, true],
    ['all to reading', doer, reader, false],
    ['all to some files', doer, planner, false],
    ['the same', planner, planner, false],
  ])('%s', (_, from, to, expected) => {
    expect(widensRights(from, to, tools)).toBe(expected)
  })
})
