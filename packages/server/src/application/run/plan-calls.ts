import { type AgentDefinition, refusalFor, widensRights } from '../../domain/agent.ts'
import type { AssistantPart, ToolCallPart } from '../../domain/message.ts'
import { normalisePath, protectedPath } from '../../domain/paths.ts'
import type { Ruling } from '../../domain/rules.ts'
import { maskIn } from '../../domain/secrets.ts'
import type { ClientProfile } from '../../domain/session.ts'
import { cleanText, cleanValue } from '../../domain/text.ts'
import type { Tool } from '../../domain/tool.ts'
import { planOf } from '../../domain/tool-call.ts'
import type { CallFault, PlannedCall } from '../../domain/turn.ts'
import type { Agents } from '../agents.ts'
import { readStep } from '../inputs/lowered-edit.ts'
import { type JudgeContext, judgeForClient } from './judge-call.ts'
import { declaresTools, executionOf } from './offered-tools.ts'

export interface PlanContext extends JudgeContext {
  readonly agent: AgentDefinition
  readonly agents: Agents
  readonly tools: readonly Tool[]
  readonly client: ClientProfile | null
  /** Ids that the session has used already. */
  readonly taken: ReadonlySet<string>
  /** The model ran into its output limit: what it wrote last is not whole, even where it looks so. */
  readonly lastIsCut: boolean
  readonly newCallId: () => string
}

/** Judges every call of an answer before anything of it is stored or shown: the agent's tools, the schema, paths, the agent's file rules,
 *  the policy (DESIGN promise 5). Ids that are missing or taken are replaced; the parts come back as they are to be stored. */
export function planCalls(
  parts: readonly AssistantPart[],
  context: PlanContext,
): { readonly parts: readonly AssistantPart[]; readonly calls: readonly PlannedCall[] } {
  const taken = new Set(context.taken)
  const calls: PlannedCall[] = []
  const cut = context.lastIsCut ? parts.findLast((part) => part.type === 'tool-call') : undefined
  const stored = parts.map((part) => {
    if (part.type !== 'tool-call') return part
    const callId = part.callId === '' || taken.has(part.callId) ? context.newCallId() : cleanText(part.callId)
    taken.add(callId)
    const named = { ...part, callId }
    const call = part === cut ? cutCall(named) : judge(named, context)
    calls.push(call)
    return call.part
  })
  return { parts: stored, calls }
}

function judge(part: ToolCallPart, context: PlanContext): PlannedCall {
  const args = readArguments(part.argumentsJson)
  if (!args) {
    if (isCutObject(part.argumentsJson)) return cutCall(part)
    // A provider that reads it again must find an object there.
    const text = `The arguments of ${nameForModel(part.tool)} are not a JSON object: ${part.argumentsJson.slice(0, 200)}`
    return { kind: 'invalid', part: withoutArguments(part), fault: argumentsFault(text) }
  }
  const tool = context.tools.find((row) => row.name === part.tool)
  const refusal = refusalFor(agentAsSeen(context, tool), part.tool, args, tool?.paths)
  if (refusal || !tool) {
    const text = refusal?.text ?? `Tool '${nameForModel(part.tool)}' is not available`
    return {
      kind: 'invalid',
      part: safe(part),
      fault: { code: refusal?.code ?? 'tool_not_allowed', text, refused: true },
    }
  }
  const problems = tool.check(args)
  if (problems.length > 0) {
    return {
      kind: 'invalid',
      part,
      fault: argumentsFault(`The arguments of ${tool.name} are wrong. ${problems.join('. ')}`),
    }
  }
  const masked = tool.class === 'ask' || tool.executor === 'runtime' ? undefined : maskIn(args)
  if (masked !== undefined) return { kind: 'invalid', part, fault: argumentsFault(maskedText(tool.name, masked)) }
  if (tool.class === 'handoff') return handoff(part, args, context)
  if (tool.class === 'finish') return { kind: 'finish', part, text: String(args['result']) }
  switch (executionOf(tool, context.client)) {
    case 'runtime':
      return { kind: 'runtime', part, args }
    case 'client':
      return forClient(part, tool, args, context)
    case 'lowered':
      return byOtherCalls(part, tool, args, context)
    case undefined:
      return withoutClient(part, tool, args)
  }
}

/** For a client that does not say what it runs, agents have the contract's tools and no others: it is shown the refusals that it knows. */
function agentAsSeen({ agent, client }: PlanContext, tool: Tool | undefined): AgentDefinition {
  if (!tool?.forDeclared || declaresTools(client) || executionOf(tool, client)) return agent
  return { ...agent, tools: agent.tools.filter((name) => name !== tool.name) }
}

/** What a model was not shown it cannot write, search for or run. */
function maskedText(tool: string, mask: string): string {
  return `${tool} was not run: '${mask}' in its arguments stands for a secret that you were not shown, and would be written in its place. Leave that line out: change only other lines of the file, or ask the person to make this change`
}

/** Never run and never mended: half a file is worse than none. */
function cutCall(part: ToolCallPart): PlannedCall {
  const fault: CallFault = {
    code: 'answer_too_long',
    text: 'cut at the output limit: write the file in parts',
    forPerson:
      'The model reached its output limit inside a tool call, again and again. Ask for less at once, or for smaller parts',
    refused: false,
  }
  return { kind: 'invalid', part: readArguments(part.argumentsJson) ? safe(part) : withoutArguments(part), fault }
}

function withoutArguments(part: ToolCallPart): ToolCallPart {
  return { ...safe(part), argumentsJson: '{}' }
}

/** Text that begins as an object of JSON and ends before it is closed. */
function isCutObject(json: string): boolean {
  if (!/^\s*\{\s*("|$)/.test(json)) return false
  const withoutStrings = json.replace(/"(?:[^"\\]|\\[\s\S])*(?:"|$)/g, '')
  const opened = withoutStrings.match(/[{[]/g)?.length ?? 0
  return opened > (withoutStrings.match(/[}\]]/g)?.length ?? 0)
}

function handoff(part: ToolCallPart, args: Readonly<Record<string, unknown>>, context: PlanContext): PlannedCall {
  const to = typeof args['mode'] === 'string' ? args['mode'] : context.agents.router.name
  const target = context.agents.find(to)
  if (!target) {
    const names = context.agents.list.map((agent) => agent.name).join(', ')
    return { kind: 'invalid', part, fault: argumentsFault(`There is no agent '${to}'. Use one of: ${names}`) }
  }
  const ruling = planRuling(part, args, context) ?? handoffRuling(part, target, context)
  if (ruling) {
    const approval = { reason: ruling.reason }
    return { kind: 'client', part, argumentsJson: part.argumentsJson, approval, ruling, handsOver: true }
  }
  return { kind: 'handoff', part, to, reason: handoffReason(args) }
}

export function handoffReason(args: Readonly<Record<string, unknown>>): string {
  return typeof args['reason'] === 'string' && args['reason'] !== '' ? args['reason'] : 'Agent requested switch'
}

/** What another agent is to carry out is a person's to approve, where the client can show it to them. */
function planRuling(
  { tool }: ToolCallPart,
  args: Readonly<Record<string, unknown>>,
  { client, judge }: PlanContext,
): Ruling | undefined {
  if (!judge || !client?.tools?.includes(tool) || planOf(tool, args) === undefined) return undefined
  return {
    effect: 'ask',
    reason: 'All complex plans require approval',
    rule: { source: 'protection', id: null, text: 'plans need a person' },
  }
}

/** A handoff that widens rights is a person's to decide, where the client can show it to them (DESIGN 8). */
function handoffRuling(
  { tool }: ToolCallPart,
  to: AgentDefinition,
  { agent, agents, client, tools, judge }: PlanContext,
): Ruling | undefined {
  if (!judge || !client?.tools?.includes(tool)) return undefined
  // The router gives the session to any of them.
  const reached = to.role === 'router' ? agents.specialists : [to]
  if (!reached.some((other) => widensRights(agent, other, tools))) return undefined
  return {
    effect: 'ask',
    reason: `${to.displayName} may change or run more than ${agent.displayName}`,
    rule: { source: 'protection', id: null, text: 'a handoff that widens rights' },
  }
}

/** A question that no tool of the client can show is asked as the answer of the turn. */
function withoutClient(part: ToolCallPart, tool: Tool, args: Readonly<Record<string, unknown>>): PlannedCall {
  if (tool.class === 'ask') {
    const suggestions = Array.isArray(args['suggestions']) ? args['suggestions'].map((text) => `- ${String(text)}`) : []
    return { kind: 'finish', part, text: [String(args['question']), ...suggestions].join('\n') }
  }
  const text = `Tool '${tool.name}' is not available in this client`
  return { kind: 'invalid', part, fault: { code: 'tool_not_allowed', text, refused: true } }
}

function forClient(
  part: ToolCallPart,
  tool: Tool,
  args: Readonly<Record<string, unknown>>,
  context: PlanContext,
): PlannedCall {
  const checked = checkPaths(tool, args)
  if ('fault' in checked) return { kind: 'invalid', part, fault: checked.fault }
  const argumentsJson = checked.argumentsJson ?? part.argumentsJson
  const judged = judgeForClient(context, { tool, args, paths: checked.paths })
  if ('fault' in judged) return { kind: 'invalid', part, ...judged }
  return { kind: 'client', part, argumentsJson, ...judged }
}

/** The person is asked for the write that comes of it, not for the edit. */
function byOtherCalls(
  part: ToolCallPart,
  tool: Tool,
  args: Readonly<Record<string, unknown>>,
  context: PlanContext,
): PlannedCall {
  const checked = checkPaths(tool, args)
  if ('fault' in checked) return { kind: 'invalid', part, fault: checked.fault }
  const argumentsJson = checked.argumentsJson ?? part.argumentsJson
  const firstStep = readStep(context, checked.paths[0] ?? '.')
  if ('fault' in firstStep) return { kind: 'invalid', part, ...firstStep }
  return { kind: 'client', part, argumentsJson, approval: undefined, ruling: undefined, firstStep }
}

/** The arguments with their paths normalised. `argumentsJson` is undefined when the model wrote them so already: its bytes are kept. */
export function checkPaths(
  tool: Tool,
  args: Readonly<Record<string, unknown>>,
): { readonly paths: readonly string[]; readonly argumentsJson: string | undefined } | { readonly fault: CallFault } {
  const paths: string[] = []
  let changed: Record<string, unknown> | undefined
  for (const name of tool.paths) {
    const raw = args[name]
    if (typeof raw !== 'string') continue
    const normalised = normalisePath(raw)
    if (!normalised.ok) return { fault: pathFault(`The path '${raw.slice(0, 200)}' is refused: ${normalised.reason}`) }
    if (protectedPath(normalised.path, tool.class === 'read' ? 'read' : 'write') === 'refuse') {
      return { fault: pathFault(`The path '${normalised.path}' is protected: nothing may be written there`) }
    }
    paths.push(normalised.path)
    if (normalised.path !== raw) changed = { ...(changed ?? args), [name]: normalised.path }
  }
  return { paths, argumentsJson: changed ? JSON.stringify(changed) : undefined }
}

/** An object, cleaned of what no store takes; undefined for anything else. Nothing at all counts as no arguments. */
function readArguments(json: string): Record<string, unknown> | undefined {
  if (json.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return cleanValue(value) as Record<string, unknown>
  } catch {
    return undefined
  }
}

function safe(part: ToolCallPart): ToolCallPart {
  const json = part.argumentsJson.trim() === '' ? '{}' : part.argumentsJson
  return { ...part, tool: nameForModel(part.tool), argumentsJson: json }
}

/** Providers refuse a history with names they would not have accepted. */
function nameForModel(name: string): string {
  return name.replace(/[^a-zA-Z0-9_-]/g, '_').slice(0, 64) || 'unknown_tool'
}

function argumentsFault(text: string): CallFault {
  return { code: 'tool_arguments_invalid', text: cleanText(text), refused: false }
}

function pathFault(text: string): CallFault {
  return { code: 'path_not_allowed', text: cleanText(text), refused: false }
}
