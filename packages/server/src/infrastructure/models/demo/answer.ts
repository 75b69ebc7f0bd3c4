import type { Exchange, Turn } from './conversation.ts'
import { readOutcome, type ToolOutcome } from './outcome.ts'
import { matchRule } from './rules/index.ts'
import type { PlannedCall, Rule, Step } from './script.ts'
import { textsFor } from './texts.ts'

/** What the model says next: a text, or calls with a few words before them. */
export interface Answer {
  readonly text: string
  readonly calls: readonly PlannedCall[]
}

const handoffTool = 'switch_mode'

/** Plays the rule of the request over what has happened in the turn, and gives its next step. */
export function answerTo({ request, exchanges }: Turn, offered: ReadonlySet<string>): Answer {
  const t = textsFor(request)
  const bad = exchanges.at(-1)?.outcomes.find(({ state }) => state === 'rejected')
  if (bad) return say(t.rejected(bad.tool, bad.reason))
  const match = matchRule(request)
  if (!match) return say(exchanges.length > 0 ? t.lost : request.tooLong ? t.tooLong : t.fallback)
  const handoffs = exchanges.filter(isHandoff)
  const failed = handoffs.at(-1)?.outcomes.find(({ state }) => state !== 'done')
  if (failed && exchanges.at(-1) === handoffs.at(-1)) return say(t.failed(failed.tool, failed.reason))
  const rest = exchanges.filter((exchange) => !isHandoff(exchange))
  let step = match.script.next()
  while (!step.done) {
    const outcomes = takeOutcomes(step.value, rest, offered)
    if (outcomes === 'differs') return say(t.lost)
    if (outcomes === undefined) {
      const missing = step.value.calls.find((call) => !mayCall(call, offered))
      if (!missing) return { text: step.value.say ?? '', calls: step.value.calls }
      if (!offered.has(handoffTool) || handoffs.length > 0) return say(t.missingTool(missing.tool))
      return handoff(match.rule, missing, t.handoff(missing.tool))
    }
    const { calls } = step.value
    const failure = outcomes.find(({ state }, index) => state === 'failed' && calls[index]?.mayFail !== true)
    if (failure) return say(t.failed(failure.tool, failure.reason))
    step = match.script.next(outcomes)
  }
  return rest.length > 0 ? say(t.lost) : say(step.value)
}

/** The outcomes of a step; undefined when it has not been made yet. A call that may fail and cannot be made has failed. */
function takeOutcomes(
  step: Step,
  rest: Exchange[],
  offered: ReadonlySet<string>,
): readonly ToolOutcome[] | 'differs' | undefined {
  const [next] = rest
  const isThis =
    next?.tools.length === step.calls.length && step.calls.every(({ tool }, index) => tool === next.tools[index])
  if (next && isThis) {
    rest.shift()
    return next.outcomes
  }
  const cannot = step.calls.every((call) => call.mayFail && !mayCall(call, offered))
  if (cannot) return step.calls.map(({ tool }) => readOutcome(tool, 'Error: not offered'))
  return next ? 'differs' : undefined
}

// An agent that may hand over and write is the architect, who writes markdown only.
function mayCall({ tool, args }: PlannedCall, offered: ReadonlySet<string>): boolean {
  if (!offered.has(tool)) return false
  const isMarkdown = typeof args['path'] === 'string' && args['path'].toLowerCase().endsWith('.md')
  return tool !== 'write_file' || isMarkdown || !offered.has(handoffTool)
}

function handoff({ agent }: Rule, { tool, args }: PlannedCall, reason: string): Answer {
  const isMarkdown = typeof args['path'] === 'string' && args['path'].toLowerCase().endsWith('.md')
  const mode = agent === 'architect' && tool === 'write_file' && isMarkdown ? 'architect' : 'coder'
  return { text: '', calls: [{ tool: handoffTool, args: { mode, reason } }] }
}

function isHandoff({ tools }: Exchange): boolean {
  return tools.includes(handoffTool)
}

function say(text: string): Answer {
  return { text, calls: [] }
}
