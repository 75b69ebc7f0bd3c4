import { RuntimeError } from './errors.ts'
import { normalisePath } from './paths.ts'
import { fileChangingTools, type ToolClass } from './tool.ts'

/** `multi`: an orchestrator routes to specialists. `single`: one universal agent answers everything. */
export type AgentMode = 'multi' | 'single'

/** A router only decides who answers; a specialist answers. */
export type AgentRole = 'router' | 'specialist'

/** Where some tools may be used. Of several rules for a tool one has to match; a tool without a rule may be used everywhere. */
export interface FileRule {
  readonly tools: readonly string[]
  /** Source of the expression, as written in the agent's file. */
  readonly pattern: string
  /** Built once from the pattern: matches the whole normalised path, with regard to case. */
  readonly expression: RegExp
  /** What is said on refusal instead of the usual text; `{path}` and `{tool}` stand for what was asked. */
  readonly refusal?: string
}

export interface AgentDefinition {
  /** The id: `coder`. */
  readonly name: string
  /** For people: `Coder Agent`. */
  readonly displayName: string
  /** The first line of the prompt. */
  readonly description: string
  readonly prompt: string
  /** The only tools it may call, in the order in which they are listed. */
  readonly tools: readonly string[]
  readonly fileRules: readonly FileRule[]
  /** Alias of a model; absent, the configured one answers. */
  readonly model?: string
  /** What is said instead of the usual text for tools that it may not call, `*` for all others; `{tool}` stands for the name. */
  readonly refusals?: Readonly<Record<string, string>>
  readonly modes: readonly AgentMode[]
  readonly role: AgentRole
}

/** Why a call may not be made: the text is for the person and for the model. */
export interface Refusal {
  readonly code: 'tool_not_allowed' | 'path_not_allowed'
  readonly text: string
}

const longestPattern = 500
/** An expression that backtracks badly is only ever given a short path. */
const longestMatched = 1024
const longestShown = 512

/** Throws `invalid_input` for a pattern that is too long or no expression. */
export function createFileRule(tools: readonly string[], pattern: string, refusal?: string): FileRule {
  if (pattern.length > longestPattern) {
    throw new RuntimeError('invalid_input', `The pattern is longer than ${longestPattern} characters`)
  }
  try {
    const expression = new RegExp(`^(?:${pattern})$`, 'u')
    return { tools, pattern, expression, ...(refusal === undefined ? {} : { refusal }) }
  } catch (error) {
    throw new RuntimeError('invalid_input', `The pattern '${pattern}' is not a regular expression`, { cause: error })
  }
}

/** The agents of a mode, in order of registration: as the list is given. */
export function agentsIn(agents: readonly AgentDefinition[], mode: AgentMode): AgentDefinition[] {
  return agents.filter((agent) => agent.modes.includes(mode))
}

/** Whether the agent may make this call: its tools first, then its file rules on every normalised path. A missing path counts as empty.
 *  The texts are those of PROTOCOL 4.3. */
export function refusalFor(
  agent: AgentDefinition,
  tool: string,
  args: Readonly<Record<string, unknown>>,
  pathNames: readonly string[] = ['path'],
): Refusal | undefined {
  if (!agent.tools.includes(tool)) {
    const template = ownEntry(agent.refusals, tool) ?? ownEntry(agent.refusals, '*')
    const text = fill(template ?? `Tool '{tool}' is not allowed for ${inASentence(agent)}`, tool, '')
    return { code: 'tool_not_allowed', text }
  }
  const rules = agent.fileRules.filter((rule) => rule.tools.some((name) => covers(name, tool)))
  if (rules.length === 0) return undefined
  const paths = pathNames.map((name) => (typeof args[name] === 'string' ? args[name] : ''))
  const raw = paths.find((path) => !rules.some((rule) => allows(rule, path)))
  if (raw === undefined) return undefined
  const template = rules.find((rule) => rule.refusal !== undefined)?.refusal
  const text = fill(template ?? `File '{path}' editing is restricted for ${inASentence(agent)}`, tool, raw)
  return { code: 'path_not_allowed', text }
}

/** Where files may be written is where they may be edited, deleted and moved. */
function covers(named: string, tool: string): boolean {
  return named === tool || (named === 'write_file' && fileChangingTools.includes(tool))
}

/** Whether work that is handed over gets into hands that may change or run more: a tool the first may not call, or files it may not write. */
export function widensRights(
  from: AgentDefinition,
  to: AgentDefinition,
  tools: readonly { readonly name: string; readonly class: ToolClass }[],
): boolean {
  const acting = tools.filter((tool) => tool.class === 'write' || tool.class === 'execute').map((tool) => tool.name)
  return acting.some((name) => {
    if (!to.tools.includes(name)) return false
    if (!from.tools.includes(name)) return true
    const limits = rulesOn(from, name)
    const later = rulesOn(to, name)
    if (limits.length === 0) return false
    return later.length === 0 || later.some((rule) => !limits.some(({ pattern }) => pattern === rule.pattern))
  })
}

function rulesOn(agent: AgentDefinition, tool: string): readonly FileRule[] {
  return agent.fileRules.filter((rule) => rule.tools.some((named) => covers(named, tool)))
}

function allows(rule: FileRule, raw: string): boolean {
  const normalised = normalisePath(raw)
  return normalised.ok && normalised.path.length <= longestMatched && rule.expression.test(normalised.path)
}

// `Coder Agent` is said as `Coder agent`.
function inASentence({ displayName }: AgentDefinition): string {
  return displayName.replace(/ Agent$/, ' agent')
}

function fill(template: string, tool: string, path: string): string {
  return template.replace(/\{(tool|path)\}/g, (_, name: string) => shown(name === 'tool' ? tool : path))
}

// What a model wrote ends up in a terminal.
function shown(text: string): string {
  const clean = text.toWellFormed().replace(/\p{Cc}/gu, '\ufffd')
  return clean.length <= longestShown ? clean : `${clean.slice(0, longestShown)}…`
}

function ownEntry(entries: Readonly<Record<string, string>> | undefined, key: string): string | undefined {
  return entries && Object.hasOwn(entries, key) ? entries[key] : undefined
}
