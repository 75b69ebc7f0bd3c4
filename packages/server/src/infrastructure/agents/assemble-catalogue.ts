import type { AgentCatalogue, AgentFault, Classifier } from '../../application/ports/agent-source.ts'
import { type AgentDefinition, type AgentMode, agentsIn, createFileRule, type FileRule } from '../../domain/agent.ts'
import { RuntimeError } from '../../domain/errors.ts'
import { promptFaults } from '../../domain/prompt-blocks.ts'
import { type AgentHead, agentHead, classifierHead } from './agent-files.ts'
import { type MarkdownFile, parseMarkdown } from './front-matter.ts'

/** A file as it was read. */
export interface AgentText {
  readonly name: string
  readonly text: string
}

interface Entry {
  readonly file: string
  readonly agent: AgentDefinition
  readonly order: number
  readonly routing: string
}

export const classifierFile = 'classifier.md'
const behindAllOthers = 100_000

/** Files into agents. Adds every fault it meets to `faults`; what it returns may be used when there are none. */
export function assembleCatalogue(
  builtIn: readonly AgentText[],
  own: readonly AgentText[],
  knownTools: readonly string[] | undefined,
  faults: AgentFault[],
): AgentCatalogue | undefined {
  const fragments = new Map(
    [...builtIn, ...own].filter(({ name }) => isFragment(name)).map(({ name, text }) => [name, text]),
  )
  const known = knownTools && new Set(knownTools)
  checkFragments(fragments, known, faults)
  const reader = new AgentReader(fragments, known, faults)
  const entries = new Map<string, Entry>()
  for (const texts of [builtIn, own]) {
    const seen = new Map<string, string>()
    for (const { name, text } of texts) {
      if (isFragment(name) || name === classifierFile) continue
      const entry = reader.read(name, text, entries)
      if (!entry) continue
      const other = seen.get(entry.agent.name)
      if (other) faults.push({ file: name, line: 1, text: `The agent '${entry.agent.name}' is in ${other} too` })
      seen.set(entry.agent.name, name)
      entries.set(entry.agent.name, entry)
    }
  }
  const ordered = [...entries.values()].sort((a, b) => a.order - b.order || (a.agent.name < b.agent.name ? -1 : 1))
  checkRouters(ordered, faults)
  const text = [...builtIn, ...own].findLast(({ name }) => name === classifierFile)
  if (!text) faults.push({ file: classifierFile, line: 1, text: 'The file is missing' })
  const classifier = text && readClassifier(text.text, ordered, faults)
  return classifier && { agents: ordered.map(({ agent }) => agent), classifier, fragments }
}

function checkFragments(
  fragments: ReadonlyMap<string, string>,
  known: ReadonlySet<string> | undefined,
  faults: AgentFault[],
): void {
  for (const [file, text] of fragments) {
    for (const fault of promptFaults(text.replaceAll('\r\n', '\n'), known)) faults.push({ file, ...fault })
  }
}

/** One file into one agent; adds what is wrong with it to `faults`. */
export class AgentReader {
  readonly #fragments: ReadonlyMap<string, string>
  readonly #knownTools: ReadonlySet<string> | undefined
  readonly #faults: AgentFault[]

  constructor(
    fragments: ReadonlyMap<string, string>,
    knownTools: ReadonlySet<string> | undefined,
    faults: AgentFault[],
  ) {
    this.#fragments = fragments
    this.#knownTools = knownTools
    this.#faults = faults
  }

  read(name: string, text: string, replaced: ReadonlyMap<string, Entry>): Entry | undefined {
    const parsed = parseMarkdown(name, text, agentHead)
    if (!parsed.ok) {
      this.#faults.push(...parsed.faults)
      return undefined
    }
    const { file } = parsed
    const { head } = file
    const fault = (path: PropertyKey[], message: string) =>
      this.#faults.push({ file: name, line: file.lineOf(path), text: message })
    const description = file.body.split('\n', 1)[0]?.trim() ?? ''
    if (description === '') fault([], 'There is no prompt below the settings')
    this.#checkTools(head, fault)
    for (const { line, text } of promptFaults(file.body, this.#knownTools)) {
      this.#faults.push({ file: name, line: file.bodyLine + line - 1, text })
    }
    return {
      file: name,
      order: head.order ?? replaced.get(head.name)?.order ?? behindAllOthers,
      routing: head.routing ?? description,
      agent: {
        name: head.name,
        displayName: head.display_name,
        description,
        prompt: [file.body, ...this.#included(file, fault)].join('\n\n'),
        tools: head.tools,
        fileRules: fileRules(head, fault),
        ...(head.model === undefined ? {} : { model: head.model }),
        ...(head.refusals === undefined ? {} : { refusals: head.refusals }),
        modes: head.modes,
        role: head.role,
      },
    }
  }

  #checkTools(head: AgentHead, fault: (path: PropertyKey[], message: string) => void): void {
    for (const [place, tool] of head.tools.entries()) {
      if (this.#knownTools && !this.#knownTools.has(tool)) {
        fault(['tools', place], `There is no tool '${tool}'. Known: ${[...this.#knownTools].join(', ')}`)
      }
    }
    for (const [place, rule] of head.file_rules.entries()) {
      const stray = rule.tools.find((tool) => !head.tools.includes(tool))
      if (stray)
        fault(['file_rules', place, 'tools'], `The rule is for '${stray}', which is not among the tools of this agent`)
    }
  }

  #included({ head }: MarkdownFile<AgentHead>, fault: (path: PropertyKey[], message: string) => void): string[] {
    return head.include.flatMap((name, place) => {
      const text = this.#fragments.get(name)
      if (text === undefined)
        fault(['include', place], `There is no fragment '${name}' (the name of a fragment begins with _)`)
      return text === undefined ? [] : [text.replaceAll('\r\n', '\n').trim()]
    })
  }
}

function fileRules(head: AgentHead, fault: (path: PropertyKey[], message: string) => void): FileRule[] {
  return head.file_rules.flatMap(({ tools, pattern, refusal }, place) => {
    try {
      return [createFileRule(tools, pattern, refusal)]
    } catch (error) {
      fault(['file_rules', place, 'pattern'], RuntimeError.from(error).message)
      return []
    }
  })
}

function checkRouters(entries: readonly Entry[], faults: AgentFault[]): void {
  const agents = entries.map(({ agent }) => agent)
  for (const mode of ['multi', 'single'] satisfies AgentMode[]) {
    const routers = agentsIn(agents, mode).filter(({ role }) => role === 'router')
    const file = entries.find(({ agent }) => agent === routers[1])?.file ?? 'orchestrator.md'
    if (routers.length !== 1) {
      faults.push({
        file,
        line: 1,
        text: `The mode '${mode}' needs exactly one agent with 'role: router', there are ${routers.length}`,
      })
    }
  }
}

function readClassifier(text: string, entries: readonly Entry[], faults: AgentFault[]): Classifier | undefined {
  const parsed = parseMarkdown(classifierFile, text, classifierHead)
  if (!parsed.ok) {
    faults.push(...parsed.faults)
    return undefined
  }
  const { head, body, lineOf } = parsed.file
  const targets = entries.filter(({ agent }) => agent.role === 'specialist' && agent.modes.includes('multi'))
  const check = (name: string, path: PropertyKey[]) => {
    if (targets.some(({ agent }) => agent.name === name)) return
    faults.push({
      file: classifierFile,
      line: lineOf(path),
      text: `There is no specialist '${name}' in the mode 'multi'`,
    })
  }
  check(head.fallback_agent, ['fallback_agent'])
  for (const [place, { agent }] of head.keywords.entries()) check(agent, ['keywords', place, 'agent'])
  const list = targets.map(({ agent, routing }) => `- ${agent.name}: ${routing}`).join('\n')
  const names = targets.map(({ agent }) => agent.name).join('|')
  const template = body.replaceAll('{agents}', () => list).replaceAll('{names}', () => names)
  if (template.split('{request}').length !== 2) {
    faults.push({ file: classifierFile, line: 1, text: 'The prompt has to name {request} exactly once' })
  }
  return {
    system: head.system,
    template,
    keywords: head.keywords.map(({ agent, words }) => ({ agent, words: words.map((word) => word.toLowerCase()) })),
    fallbackAgent: head.fallback_agent,
  }
}

export function isFragment(name: string): boolean {
  return name.startsWith('_')
}
