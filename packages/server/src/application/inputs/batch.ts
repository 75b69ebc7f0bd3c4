import type { Turn } from '../../domain/session.ts'
import { isForClient, isWaiting, type ToolCall } from '../../domain/tool-call.ts'
import type { ConnectedClients } from '../replicas/connected-clients.ts'
import type { Lease } from '../replicas/lease.ts'
import type { Changes } from '../run/changes.ts'
import { endRun } from './turn-rows.ts'

/** Those that their client may have now. A lowered call is not handed out; its steps are, and they run one after the other: the next edit
 *  has to see what this one wrote. */
export function readyCalls(turn: Pick<Turn, 'client'>, calls: readonly ToolCall[]): readonly ToolCall[] {
  const ready = calls.filter(isForClient)
  const allAtOnce =
    turn.client?.features.includes('parallel-tools') && ready.every((call) => call.parentCallId === null)
  return allAtOnce ? ready : ready.slice(0, 1)
}

/** Whether that client runs the calls of the turn. All who name no id count as one (DESIGN 8). */
export function isExecutor({ client }: Pick<Turn, 'client'>, clientId: string | null): boolean {
  return clientId === null || client?.id == null || clientId === client.id
}

export interface DispatchDeps {
  readonly lease: Lease
  readonly connected: ConnectedClients
}

/** Hands out what the client may run now: all calls of an answer to a client that declared `parallel-tools`, else one at a time. */
export async function dispatchCalls(
  changes: Changes,
  deps: DispatchDeps,
  turn: Turn,
  calls: readonly ToolCall[],
): Promise<void> {
  for (const call of readyCalls(turn, calls))
    if (call.dispatchedAt === null) await dispatchCall(changes, deps, turn, call)
}

export async function dispatchCall(changes: Changes, deps: DispatchDeps, turn: Turn, call: ToolCall): Promise<void> {
  const { id } = deps.lease
  const heldBy = deps.connected.has(changes.session, turn.client?.id ?? null) ? id : null
  const handedOut = { dispatchedAt: changes.at, dispatchedBy: id, heldBy }
  const dispatched: ToolCall = { ...call, ...handedOut }
  await changes.tx.calls.update(changes.sid, call.callId, call.state, handedOut)
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
  deps: DispatchDeps,
  turn: Turn,
  runId: string,
  messageId: string,
  byExecutor: boolean,
): Promise<boolean> {
  const calls = await changes.tx.calls.listByMessage(changes.sid, messageId)
  const waiting = calls.filter(isWaiting)
  if (waiting.length === 0) return true
  if (byExecutor) await dispatchCalls(changes, deps, turn, calls)
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
  const asks = readyCalls(turn, waiting).some((call) => call.state === 'awaiting_approval')
  await endRun(changes, runId, { outcome: asks ? 'awaiting_approval' : 'awaiting_tool' })
}
