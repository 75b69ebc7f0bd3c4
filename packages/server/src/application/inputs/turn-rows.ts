import type { Part, ToolResultPart } from '../../domain/message.ts'
import { syntheticText } from '../../domain/result-text.ts'
import type { ClientProfile, InputKind, RunOutcome, Turn, TurnState } from '../../domain/session.ts'
import { isWaiting, type SyntheticReason, type ToolCall } from '../../domain/tool-call.ts'
import { profileOfTurn } from '../../domain/workspace.ts'
import type { Ids } from '../ports/ids.ts'
import type { Lease } from '../replicas/lease.ts'
import type { Changes } from '../run/changes.ts'
import type { Taken } from './input.ts'

/** Starts a turn for the client that asked. */
export async function startTurn(changes: Changes, ids: Ids, client: ClientProfile | null): Promise<Turn> {
  const { tx, sid, at } = changes
  const turn: Turn = {
    turnId: ids.next(),
    sid,
    state: 'running',
    startedAt: at,
    endedAt: null,
    steps: 0,
    tokens: 0,
    client: profileOfTurn(client),
  }
  await tx.turns.create(turn)
  changes.turnId = turn.turnId
  changes.set({ turnId: turn.turnId })
  changes.add({ type: 'turn.started', facts: { agent: changes.session.currentAgent } })
  return turn
}

export async function endTurn(
  changes: Changes,
  turn: Pick<Turn, 'turnId' | 'steps'>,
  outcome: 'completed' | 'failed' | 'cancelled' | 'interrupted',
): Promise<void> {
  await changes.tx.turns.setState(turn.turnId, outcome, changes.at)
  changes.add({ type: 'turn.ended', turnId: turn.turnId, facts: { outcome, steps: turn.steps } })
  changes.set({ turnId: null })
}

/** Starts the run of an input: the session belongs to this replica until `endRun`. */
export async function startRun(
  changes: Changes,
  { ids, lease }: { readonly ids: Ids; readonly lease: Lease },
  turnId: string,
  input: InputKind,
): Promise<Pick<Taken, 'sid' | 'turnId' | 'runId' | 'fence'>> {
  const runId = ids.next()
  const fence = changes.session.fence + 1
  const agent = changes.session.currentAgent
  await changes.tx.runs.create({ runId, sid: changes.sid, turnId, agent, inputKind: input, startedAt: changes.at })
  changes.turnId = turnId
  changes.runId = runId
  changes.set({ state: 'running', isActive: true, lastActivity: changes.at, owner: lease.id, fence, stop: null })
  changes.add({ type: 'run.started', facts: { input, agent } })
  return { sid: changes.sid, turnId, runId, fence }
}

export interface RunEnd {
  readonly outcome: RunOutcome
  readonly error?: { readonly code: string; readonly text: string; readonly retryAfterMs?: number }
  /** The tool that a person refused. */
  readonly tool?: string
}

/** Ends a run; the session waits for its client, for a person, or for nobody. */
export async function endRun(changes: Changes, runId: string, end: RunEnd): Promise<void> {
  const { outcome, error } = end
  await changes.tx.runs.end(runId, {
    at: changes.at,
    outcome,
    ...(error ? { errorCode: error.code, errorText: error.text } : {}),
  })
  const waits = outcome === 'awaiting_tool' || outcome === 'awaiting_approval'
  if (waits && changes.session.turnId)
    await changes.tx.turns.setState(changes.session.turnId, outcome satisfies TurnState, null)
  changes.set({ state: waits ? outcome : 'idle', owner: null })
  changes.add({
    type: 'run.ended',
    runId,
    facts: { ...end, ...(changes.workedMs === undefined ? {} : { durationMs: changes.workedMs }) },
  })
}

/** Stores the result of a call as a tool message, and gives its id. That of a step of a lowered call is kept beside the conversation: the model
 *  reads one call and one result. The caller moves the call out of its waiting state. */
export async function storeResult(
  changes: Changes,
  ids: Ids,
  call: Pick<ToolCall, 'callId' | 'tool' | 'agent' | 'parentCallId'>,
  text: string,
): Promise<string | null> {
  if (call.parentCallId !== null) {
    await changes.tx.artifacts.put(changes.sid, call.callId, text)
    return null
  }
  const part: ToolResultPart = { type: 'tool-result', callId: call.callId, tool: call.tool, text }
  const message = await changes.appendMessage({
    id: ids.next(),
    role: 'tool',
    parts: [part] as readonly Part[],
    agent: call.agent,
  })
  return message.id
}

/** Gives every open call of the session a result that no client gave, and closes its approval. */
export async function closeOpenCalls(changes: Changes, ids: Ids, reason: SyntheticReason): Promise<number> {
  const calls = await changes.tx.calls.list(changes.sid, 'open')
  for (const call of calls) await closeCall(changes, ids, call, reason)
  return calls.length
}

/** The calls that share an answer with one that a person refused, or with a handoff, are not run. */
export async function closeCall(changes: Changes, ids: Ids, call: ToolCall, reason: SyntheticReason): Promise<void> {
  if (!isWaiting(call)) return
  const pending = call.approval?.status === 'pending'
  const resultMessageId = await storeResult(changes, ids, call, syntheticText(reason))
  await changes.tx.calls.update(changes.sid, call.callId, call.state, {
    state: 'cancelled',
    syntheticReason: reason,
    answeredAt: changes.at,
    resultMessageId,
    ...(pending && call.approval
      ? {
          approval: {
            ...call.approval,
            status: 'rejected' as const,
            decision: 'reject' as const,
            feedback: reason === 'superseded' ? 'superseded by user message' : reason,
            decidedBy: 'system',
            decidedAt: changes.at,
          },
        }
      : {}),
  })
  if (pending) {
    changes.add({
      type: 'approval.decided',
      facts: { callId: call.callId, tool: call.tool, decision: 'reject', implicit: false, by: 'system' },
    })
  }
  changes.add({ type: 'tool_call.cancelled', facts: { callId: call.callId, tool: call.tool, reason } })
}
