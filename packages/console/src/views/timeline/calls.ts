import type { TimelineCall, TimelineEvent } from '@codelab/protocol'
import { say, timeOf } from './facts.ts'
import type { CallFacts, Row, RowStatus } from './row.ts'

export interface KnownCalls {
  readonly calls: ReadonlyMap<string, TimelineCall>
  readonly now: number
}

export function readCall(callId: string, step: number, events: readonly TimelineEvent[], known: KnownCalls): CallFacts {
  const ours = events.filter(({ facts }) => facts['callId'] === callId)
  const of = (type: string) => ours.find((event) => event.type === type)
  const created = of('tool_call.created')
  const asked = of('approval.requested')
  const decided = of('approval.decided')
  const cancelled = of('tool_call.cancelled')
  const result = of('tool_result.created')
  const details = known.calls.get(callId)
  const over = timeOf(result) ?? timeOf(cancelled) ?? known.now
  const askedAt = timeOf(asked)
  const decidedAt = timeOf(decided)
  const decision = say(decided, 'decision') as CallFacts['decision']
  // Handed out for good: with a person to ask, only what comes behind the decision.
  const handed = ours.findLast(
    (event) => event.type === 'tool_call.dispatched' && event.facts['requiresApproval'] !== true,
  )
  const workedFrom =
    askedAt === undefined ? (timeOf(handed) ?? timeOf(created)) : decision === 'reject' ? undefined : decidedAt
  return {
    callId,
    seq: created?.seq ?? 0,
    step,
    tool: say(created, 'tool') ?? '',
    subject: details?.subject ?? '',
    rule: say(created, 'rule'),
    effect: say(created, 'effect'),
    asked: say(asked, 'reason'),
    decision: decided?.facts['implicit'] === true && result?.facts['failed'] === true ? 'reject' : decision,
    by: say(decided, 'by'),
    feedback: details?.feedback ?? undefined,
    waited: askedAt === undefined ? undefined : { start: askedAt, end: decidedAt ?? over },
    worked: workedFrom === undefined ? undefined : { start: workedFrom, end: Math.max(workedFrom, over) },
    error: result?.facts['failed'] === true ? (say(result, 'error') ?? '').replace(/^Error: /, '') : undefined,
    cancelled: say(cancelled, 'reason'),
    isAnswered: result !== undefined,
  }
}

/** A call, and below it what was done after a person agreed. */
export function callRows(step: string, call: CallFacts, now: number): readonly Row[] {
  const { waited, worked } = call
  const start = waited?.start ?? worked?.start ?? now
  const end = Math.max(start, worked?.end ?? waited?.end ?? start)
  const status = callStatus(call)
  const isOpen = status === 'wait' || status === 'run'
  const id = `${step} call ${call.callId}`
  const { seq } = call
  const row: Row = { kind: 'call', id, seq, level: 3, parent: step, start, end, isOpen, status, call }
  if (!waited || !worked || call.cancelled !== undefined) return [row]
  return [row, { kind: 'work', id: `${id} work`, seq, level: 4, parent: id, ...worked, isOpen, status, call }]
}

function callStatus({ cancelled, error, decision, waited, isAnswered }: CallFacts): RowStatus {
  if (cancelled !== undefined) return 'idle'
  if (error !== undefined || decision === 'reject') return 'bad'
  if (isAnswered) return 'ok'
  return waited && decision === undefined ? 'wait' : 'run'
}
