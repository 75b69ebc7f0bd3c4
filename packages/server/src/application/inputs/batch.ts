import type { Turn } from '../../domain/session.ts'
import { isWaiting, type ToolCall } from '../../domain/tool-call.ts'
import type { Changes } from '../run/changes.ts'
import { endRun } from './turn-rows.ts'

function runsInParallel(turn: Pick<Turn, 'client'>): boolean {
  return turn.client?.features.includes('parallel-tools') ?? false
}

/** Hands out what the client may run now: all calls of an answer to a client that declared `parallel-tools`, else one at a time. */
export async function dispatchCalls(changes: Changes, turn: Turn, calls: readonly ToolCall[]): Promise<void> {
  const waiting = calls.filter(isWaiting)
  const ready = runsInParallel(turn) ? waiting : waiting.slice(0, 1)
  for (const call of ready) if (call.dispatchedAt === null) await dispatchCall(changes, call)
}

export async function dispatchCall(changes: Changes, call: ToolCall): Promise<void> {
  const dispatched: ToolCall = { ...call, dispatchedAt: changes.at }
  await changes.tx.calls.update(changes.sid, call.callId, call.state, { dispatchedAt: changes.at })
  changes.add({
    type: 'tool_call.dispatched',
    facts: { callId: call.callId, tool: call.tool, requiresApproval: call.state === 'awaiting_approval' },
    call: dispatched,
  })
}

/** After a call of an answer was settled: true when all of them are, and the model is to be asked; otherwise the rest is handed out and the
 *  run ends. */
export async function batchIsComplete(
  changes: Changes,
  turn: Turn,
  runId: string,
  messageId: string,
): Promise<boolean> {
  const calls = await changes.tx.calls.listByMessage(changes.sid, messageId)
  const waiting = calls.filter(isWaiting)
  if (waiting.length === 0) return true
  await dispatchCalls(changes, turn, calls)
  await endAwaiting(changes, turn, runId, waiting)
  return false
}

/** Ends a run whose client has something to do: what it does first says what the session waits for. */
export async function endAwaiting(
  changes: Changes,
  turn: Turn,
  runId: string,
  waiting: readonly ToolCall[],
): Promise<void> {
  const handedOut = runsInParallel(turn) ? waiting : waiting.slice(0, 1)
  const asks = handedOut.some((call) => call.state === 'awaiting_approval')
  await endRun(changes, runId, { outcome: asks ? 'awaiting_approval' : 'awaiting_tool' })
}
