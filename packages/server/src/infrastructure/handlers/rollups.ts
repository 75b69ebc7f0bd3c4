import type { LoggedEvent, RollupIncrement } from '../../application/ports/handlers.ts'
import type { EventType } from '../../domain/event.ts'

/** The figures that are kept, and what their two labels are. */
export type RollupName =
  /** From, to. */
  | 'agent_switch'
  /** Agent, outcome; the sum is milliseconds. */
  | 'run'
  /** Agent, error code. */
  | 'run_error'
  /** Tool; requested, completed, failed or requires_approval. */
  | 'tool'
  /** Tool; approve, edit or reject. */
  | 'decision'

/** Which events say something of a figure. */
export const rollupTypes = {
  agent_switch: ['agent.switched'],
  run: ['run.ended'],
  run_error: ['run.ended'],
  tool: ['tool_call.created', 'tool_result.created', 'tool_result.replaced'],
  decision: ['approval.decided'],
} as const satisfies Record<RollupName, readonly EventType[]>

export const rolledUpTypes: ReadonlySet<EventType> = new Set(Object.values(rollupTypes).flat())

/** What one event adds to the figures. Everything it looks at never changes, so the log gives the same figures whenever it is read.
 *  Results and decisions that nobody gave but us (superseded, cancelled …) are no completions, failures or rejections. */
export function incrementsOf(logged: LoggedEvent): readonly RollupIncrement[] {
  const { event, run, ownerId } = logged
  const one = (name: RollupName, labelA: string, labelB: string, sum = 0): RollupIncrement => ({
    ownerId,
    name,
    labelA,
    labelB,
    count: 1,
    sum,
  })
  switch (event.type) {
    case 'agent.switched':
      return [one('agent_switch', event.facts.from, event.facts.to)]
    case 'run.ended': {
      if (!run) return []
      const { outcome, error, durationMs } = event.facts
      const ended = one('run', run.agent, outcome, durationMs ?? Math.max(0, event.at - run.startedAt))
      return error ? [ended, one('run_error', run.agent, error.code)] : [ended]
    }
    case 'tool_call.created': {
      const { tool, requiresApproval } = event.facts
      const requested = one('tool', tool, 'requested')
      return requiresApproval ? [requested, one('tool', tool, 'requires_approval')] : [requested]
    }
    case 'tool_result.created':
      return event.facts.byDecision ? [] : [one('tool', event.facts.tool, event.facts.failed ? 'failed' : 'completed')]
    case 'tool_result.replaced':
      return [one('tool', event.facts.tool, event.facts.failed ? 'failed' : 'completed')]
    case 'approval.decided':
      return event.facts.by === 'system' ? [] : [one('decision', event.facts.tool, event.facts.decision)]
    default:
      return []
  }
}

/** One increment for each row of the figures. */
export function sumOf(increments: readonly RollupIncrement[]): readonly RollupIncrement[] {
  const sums = new Map<string, RollupIncrement>()
  for (const increment of increments) {
    const { ownerId, name, labelA, labelB } = increment
    const key = JSON.stringify([ownerId, name, labelA, labelB])
    const { count, sum } = sums.get(key) ?? { count: 0, sum: 0 }
    sums.set(key, { ...increment, count: count + increment.count, sum: sum + increment.sum })
  }
  return [...sums.values()]
}
