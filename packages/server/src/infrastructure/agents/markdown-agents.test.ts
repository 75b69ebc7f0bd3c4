import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AgentCatalogue } from '../../application/ports/agent-source.ts'
import { agentsIn, refusalFor } from '../../domain/agent.ts'
import type { RuntimeError } from '../../domain/errors.ts'
import { renderPrompt } from '../../domain/prompt-blocks.ts'
import { createMarkdownAgents } from './markdown-agents.ts'

const knownTools = [
  ...['switch_mode', 'read_file', 'write_file', 'list_files', 'create_directory', 'execute_command', 'search_in_code'],
  ...['attempt_completion', 'ask_followup_question', 'edit_file', 'delete_file', 'move_file', 'read_artifact'],
  'command_output',
]

function agentOf({ agents }: AgentCatalogue, name: string) {
  const agent = agents.find((one) => one.name === name)
  if (!agent) throw new Error(`no agent ${name}`)
  return agent
}

describe('the built-in agents', () => {
  const loaded = createMarkdownAgents({ knownTools }).load()

  it('are registered in the order of the contract, per mode', async () => {
    const { agents } = await loaded
    expect(agentsIn(agents, 'multi').map(({ name }) => name)).toEqual([
      'orchestrator',
      'coder',
      'architect',
      'debug',
      'ask',
    ])
    expect(agentsIn(agents, 'single').map(({ name }) => name)).toEqual(['orchestrator', 'universal'])
  })

  it.each([
    [
      'orchestrator',
      'Orchestrator Agent',
      'You are the Orchestrator Agent - the main coordinator of a multi-agent system.',
    ],
    ['coder', 'Coder Agent', 'You are the Coder Agent - specialized in writing, modifying, and refactoring code.'],
    [
      'architect',
      'Architect Agent',
      'You are the Architect Agent - specialized in planning, designing, and creating technical specifications.',
    ],
    [
      'debug',
      'Debug Agent',
      'You are the Debug Agent - specialized in troubleshooting, investigating errors, and debugging.',
    ],
    [
      'ask',
      'Ask Agent',
      'You are the Ask Agent - specialized in answering questions, explaining concepts, and providing documentation.',
    ],
    [
      'universal',
      'Universal Agent',
      'You are a universal AI coding assistant with full access to all tools and capabilities.',
    ],
  ])('%s is named and described as the contract says', async (name, displayName, description) => {
    expect(agentOf(await loaded, name)).toMatchObject({ displayName, description })
  })

  const reads = ['read_file', 'list_files', 'search_in_code']
  const all = ['read_file', 'write_file', 'list_files', 'search_in_code', 'create_directory', 'execute_command']
  const virtual = ['attempt_completion', 'ask_followup_question']
  it.each([
    ['orchestrator', reads],
    ['coder', [...all, ...virtual], ['edit_file', 'delete_file', 'move_file', 'read_artifact', 'command_output']],
    [
      'architect',
      ['read_file', 'write_file', 'list_files', 'search_in_code', ...virtual, 'switch_mode'],
      ['edit_file', 'read_artifact'],
    ],
    [
      'debug',
      ['read_file', 'list_files', 'search_in_code', 'execute_command', ...virtual, 'switch_mode'],
      ['read_artifact', 'command_output'],
    ],
    ['ask', ['read_file', 'search_in_code', 'list_files', 'attempt_completion', 'switch_mode'], ['read_artifact']],
    ['universal', [...all, ...virtual], ['edit_file', 'delete_file', 'move_file', 'read_artifact', 'command_output']],
  ])('%s has its tools in order, and only the architect has file rules', async (name, tools, extra: string[] = []) => {
    const agent = agentOf(await loaded, name)
    expect(agent.tools.filter((tool) => !extra.includes(tool))).toEqual(tools)
    expect(agent.tools.filter((tool) => extra.includes(tool))).toEqual(extra)
    expect(agent.fileRules.length > 0).toBe(name === 'architect')
  })

  it.each([
    ['coder', 'switch_mode', {}, "Tool 'switch_mode' is not allowed for Coder agent"],
    ['architect', 'execute_command', {}, "Tool 'execute_command' is not allowed for Architect agent"],
    ['universal', 'switch_mode', {}, "Tool 'switch_mode' is not available"],
    [
      'debug',
      'write_file',
      {},
      'Debug agent cannot modify files. Debug agent can only analyze and suggest fixes. For code changes, please switch to Coder agent.',
    ],
    [
      'debug',
      'edit_file',
      {},
      'Debug agent cannot modify files. Debug agent can only analyze and suggest fixes. For code changes, please switch to Coder agent.',
    ],
    [
      'architect',
      'edit_file',
      { path: 'src/main.dart' },
      "Architect agent can only create/edit markdown (.md) files. File 'src/main.dart' is not allowed. For code changes, please switch to Coder agent.",
    ],
    ['debug', 'create_directory', {}, "Tool 'create_directory' is not allowed for Debug agent"],
    [
      'ask',
      'write_file',
      {},
      'Ask agent cannot modify files. Ask agent can only read and explain. For code changes, please switch to Coder agent.',
    ],
    [
      'ask',
      'execute_command',
      {},
      'Ask agent cannot execute commands. For running commands, please switch to Coder or Debug agent.',
    ],
    ['ask', 'create_directory', {}, "Tool 'create_directory' is not allowed for Ask agent"],
    [
      'architect',
      'write_file',
      { path: 'src/main.dart' },
      "Architect agent can only create/edit markdown (.md) files. File 'src/main.dart' is not allowed. For code changes, please switch to Coder agent.",
    ],
  ])('%s refuses %s with the text of the contract', async (name, tool, args, text) => {
    expect(refusalFor(agentOf(await loaded, name), tool, args)?.text).toBe(text)
  })

  it('have prompts of at most 6 KiB that name no tool which they lack', async () => {
    for (const { name, prompt: source, tools } of (await loaded).agents) {
      const prompt = renderPrompt(source, (condition) => tools.includes(condition))
      expect(Buffer.byteLength(prompt), name).toBeLessThanOrEqual(6 * 1024)
      const named = knownTools.filter((tool) => prompt.includes(tool))
      expect(
        named.filter((tool) => !tools.includes(tool)),
        name,
      ).toEqual([])
      expect(prompt).not.toContain('attempt_completion')
    }
  })

  it('share their rules through fragments', async () => {
    const { agents } = await loaded
    const having = (text: string) => agents.filter(({ prompt }) => prompt.includes(text)).map(({ name }) => name)
    expect(having('# Rules for every answer')).toEqual(['coder', 'architect', 'debug', 'ask', 'universal'])
    expect(having('# Rules for editing')).toEqual(['coder', 'universal'])
  })

  it('come with a classifier that offers the four specialists and holds the request in its place', async () => {
    const { classifier } = await loaded
    expect(classifier.system).toBe('You are a task classifier. Respond only with JSON.')
    expect(classifier.template).toMatch(/\n\nUser request: \{request\}\n\nResponse \(JSON only\):$/)
    expect(classifier.template).toContain('"agent":"coder|architect|debug|ask"')
    expect(classifier.template).not.toContain('universal')
    expect(classifier.template).toMatch(/^- debug: finds out why/m)
    expect(classifier.fallbackAgent).toBe('coder')
  })

  it.each([
    ['create a new widget', 'coder'],
    ['fix the bug in main.dart', 'coder'],
    ['refactor this code', 'coder'],
    ['design the system architecture', 'architect'],
    ['why is this error happening?', 'debug'],
    ['debug this issue', 'debug'],
    ['investigate the crash', 'debug'],
    ['explain how Flutter works', 'ask'],
    ['what is dependency injection?', 'ask'],
    ['hello', undefined],
    ['Создай новый файл', 'coder'],
    ['Составь план переезда', 'architect'],
    ['Почему падает тест?', 'debug'],
    ['Объясни, что делает main.ts', 'ask'],
  ])('have keywords that send "%s" to %s', async (message, agent) => {
    const { keywords } = (await loaded).classifier
    const lower = message.toLowerCase()
    expect(keywords.find(({ words }) => words.some((word) => lower.includes(word)))?.agent).toBe(agent)
  })
})

describe('agents of a folder of one’s own', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'codelab-agents-'))
  })
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  const put = (name: string, text: string) => writeFile(join(folder, name), text)
  const load = () => createMarkdownAgents({ userFolder: folder, knownTools }).load()
  const faultsOf = async () => {
    const error = await load().then(
      () => undefined,
      (thrown: RuntimeError) => thrown,
    )
    expect(error?.code).toBe('invalid_input')
    return error?.details['faults']
  }

  it('are added behind ours, with what they share, and offered to the classifier', async () => {
    await put('_tone.md', 'Be brief.\r\n')
    await put(
      'reviewer.md',
      '\ufeff---\r\nname: reviewer\r\ndisplay_name: Reviewer Agent\r\nmodel: fast\r\nrouting: reviews changes\r\ntools: [read_file]\r\ninclude: [_tone.md, _common-rules.md]\r\n---\r\nYou review.\r\n',
    )
    const catalogue = await load()
    expect(agentsIn(catalogue.agents, 'multi').map(({ name }) => name)).toEqual([
      ...['orchestrator', 'coder', 'architect', 'debug', 'ask', 'reviewer'],
    ])
    const reviewer = agentOf(catalogue, 'reviewer')
    expect(reviewer).toMatchObject({ role: 'specialist', description: 'You review.', model: 'fast', modes: ['multi'] })
    expect(reviewer.prompt).toMatch(/^You review\.\n\nBe brief\.\n\n# Rules for every answer/)
    expect(catalogue.classifier.template).toContain('- reviewer: reviews changes\n')
    expect(catalogue.classifier.template).toContain('coder|architect|debug|ask|reviewer')
  })

  it('replace ours with the same id, in the same place of the list', async () => {
    await put('my-coder.md', '---\nname: coder\ndisplay_name: Coder Agent\ntools: [read_file]\n---\nYou only read.')
    const catalogue = await load()
    expect(agentsIn(catalogue.agents, 'multi').map(({ name }) => name)[1]).toBe('coder')
    expect(agentOf(catalogue, 'coder').prompt).toBe('You only read.')
  })

  it('are all named at once when they are wrong, with file and line', async () => {
    await put('a.md', '---\nname: A B\ndisplay_name: X\ntools:\n  - read_file\n  - fly\ncolour: red\n---\nHello')
    await put(
      'b.md',
      '---\nname: b\ndisplay_name: B\ntools:\n  - read_file\n  - fly\nfile_rules:\n  - tools: [read_file]\n    pattern: "("\n---\nB',
    )
    await put('c.md', 'no head at all')
    await put('d.md', '---\nname: [\n---\nD')
    await put('e.md', '---\nname: e\ndisplay_name: E\ntools: []\ninclude: [_nowhere.md]\n---\n')
    expect(await faultsOf()).toEqual([
      { file: 'a.md', line: 2, text: expect.stringContaining('name: an id is') },
      { file: 'a.md', line: 7, text: expect.stringContaining('colour') },
      { file: 'b.md', line: 6, text: expect.stringMatching(/^There is no tool 'fly'\. Known: switch_mode, read_file/) },
      { file: 'b.md', line: 9, text: "The pattern '(' is not a regular expression" },
      { file: 'c.md', line: 1, text: expect.stringContaining("'---'") },
      { file: 'd.md', line: expect.any(Number), text: expect.any(String) },
      { file: 'e.md', line: 1, text: 'There is no prompt below the settings' },
      { file: 'e.md', line: 5, text: expect.stringContaining("no fragment '_nowhere.md'") },
    ])
  })

  it('say in their message where to look', async () => {
    await put('c.md', 'no head at all')
    await expect(load()).rejects.toThrow(/\n {2}c\.md:1 {2}The file has to begin/)
  })

  it('may not be two of one id, a second router, or a rule for a tool they lack', async () => {
    const head = 'display_name: X\ntools: [read_file]'
    await put('one.md', `---\nname: one\n${head}\n---\nOne`)
    await put('two.md', `---\nname: one\n${head}\n---\nTwo`)
    await put('boss.md', `---\nname: boss\nrole: router\n${head}\n---\nBoss`)
    await put('rule.md', `---\nname: rule\n${head}\nfile_rules: [{tools: [write_file], pattern: x}]\n---\nRule`)
    expect(await faultsOf()).toEqual([
      { file: 'rule.md', line: 5, text: expect.stringContaining("'write_file'") },
      { file: 'two.md', line: 1, text: "The agent 'one' is in one.md too" },
      { file: 'boss.md', line: 1, text: expect.stringContaining('exactly one agent') },
    ])
  })

  it('may bring a classifier of their own, which has to name agents that exist', async () => {
    await put(
      'classifier.md',
      '---\nsystem: Route.\nfallback_agent: nobody\nkeywords:\n  - agent: universal\n    words: [all]\n---\n{agents}',
    )
    expect(await faultsOf()).toEqual([
      { file: 'classifier.md', line: 3, text: expect.stringContaining("'nobody'") },
      { file: 'classifier.md', line: 5, text: expect.stringContaining("'universal'") },
      { file: 'classifier.md', line: 1, text: expect.stringContaining('{request}') },
    ])
  })

  it('are not looked for in a folder that is not there', async () => {
    const source = createMarkdownAgents({ userFolder: join(folder, 'missing') })
    await expect(source.load()).rejects.toMatchObject({ code: 'invalid_input', details: { hint: expect.any(String) } })
  })
})
