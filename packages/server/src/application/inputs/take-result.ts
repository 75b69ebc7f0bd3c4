import { diagnosticsText } from '../../domain/diagnostics.ts'
import { RuntimeError } from '../../domain/errors.ts'
import { withMasks } from '../../domain/message.ts'
import { editedNote, fitForModel, resultText } from '../../domain/result-text.ts'
import type { Session, Turn } from '../../domain/session.ts'
import { cleanText, cleanValue } from '../../domain/text.ts'
import { type Approval, argumentsOf, type ToolCall } from '../../domain/tool-call.ts'
import type { Transaction } from '../ports/store.ts'
import type { Changes } from '../run/changes.ts'
import { batchIsComplete, isExecutor } from './batch.ts'
import { closedCall } from './closed-call.ts'
import type { InputBody, Taken } from './input.ts'
import { followStep } from './lowered-call.ts'
import type { TakeDeps } from './take-deps.ts'
import { findInterrupted, resumeTurn } from './take-resume.ts'
import { closeCall, endRun, endTurn, startRun, storeResult } from './turn-rows.ts'

type ResultBody = Extract<InputBody, { kind: 'tool_result' }>

/** The call that a result is for. Throws what PROTOCOL D8 and D10 say; nothing is stored then. */
export async function callToAnswer(
  tx: Transaction,
  deps: TakeDeps,
  session: Session | undefined,
  body: ResultBody,
): Promise<{ readonly call: ToolCall; readonly replaces: boolean; readonly resumes?: Turn }> {
  const call = session ? await tx.calls.find(session.sid, body.callId) : undefined
  // No client was ever handed a lowered call.
  if (!call || call.lowered) {
    throw new RuntimeError('unknown_call', `Unknown call_id: ${body.callId}`, {
      details: { hint: 'Answer the call_id of the last tool_call.' },
    })
  }
  if (call.state === 'cancelled') throw closedCall(call)
  if (call.state === 'answered') {
    // A decision was stored as its result, nothing was run yet (PROTOCOL 6.3).
    const acknowledged = call.failed === null && call.approval?.decision !== 'reject'
    if (deps.hitl.approve === 'acknowledge' && acknowledged) return { call, replaces: true }
    const resumes = session && (await repeatsResult(tx, deps, session, call, body))
    if (resumes) return { call, replaces: false, resumes }
    throw new RuntimeError('call_answered', `Tool call ${call.callId} is already answered`)
  }
  // Nobody but the runtime can carry out a handoff, so a result of it says nothing.
  const handsOver = deps.tools.find((row) => row.name === call.tool)?.class === 'handoff' && !body.error
  if (call.state === 'awaiting_approval' && (deps.hitl.strict || handsOver)) {
    throw new RuntimeError(
      'forbidden',
      `Tool call ${call.callId} waits for a person's decision. Send a hitl_decision first`,
      {
        details: { hint: 'Send a hitl_decision first.' },
      },
    )
  }
  return { call, replaces: false }
}

/** The identical result again, while the turn that it belongs to is interrupted, asks for the turn to go on (DESIGN 5). */
async function repeatsResult(
  tx: Transaction,
  deps: TakeDeps,
  session: Session,
  call: ToolCall,
  body: ResultBody,
): Promise<Turn | undefined> {
  const turn = await findInterrupted(tx, session)
  if (turn?.turnId !== call.turnId) return undefined
  const fitted = textForModel(deps, call, turn, body)
  if (call.parentCallId !== null) {
    return (await tx.artifacts.find(session.sid, call.callId)) === fitted.whole ? turn : undefined
  }
  if (!call.resultMessageId) return undefined
  const [stored] = await tx.messages.listByIds(session.sid, [call.resultMessageId])
  const [part] = stored?.parts ?? []
  return part?.type === 'tool-result' && part.text === fitted.text ? turn : undefined
}

/** The client ran a tool, or says why not. For a call that waits for a person it is the decision too (DESIGN 8). */
export async function takeResult(
  changes: Changes,
  deps: TakeDeps,
  body: ResultBody,
  clientId: string | null,
): Promise<Taken> {
  const { session, tx } = changes
  const { call, replaces, resumes } = await callToAnswer(tx, deps, session, body)
  if (resumes) return await resumeTurn(changes, deps, resumes)
  const turn = await tx.turns.get(call.turnId)
  if (!turn) throw new RuntimeError('internal', 'Internal server error', { details: { missing: 'turn' } })
  const begun = await startRun(changes, deps, turn.turnId, 'tool_result')
  const { runId } = begun
  changes.set({ turnId: turn.turnId })
  await tx.turns.setState(turn.turnId, 'running', null)
  const byExecutor = isExecutor(turn, clientId)
  const taken = { ...begun, afterSeq: session.lastSeq, byExecutor }
  if (replaces) {
    await replaceResult(changes, deps, turn, call, body)
    return { ...taken, goesOn: true }
  }
  const waited = call.state === 'awaiting_approval'
  await answerCall(changes, deps, turn, call, body, clientId)
  if (waited && (body.error ?? '').includes('User rejected')) {
    await endRejected(changes, deps, turn, runId, call)
    return { ...taken, goesOn: false }
  }
  return { ...taken, goesOn: await batchIsComplete(changes, deps, turn, runId, call.messageId, byExecutor) }
}

async function answerCall(
  changes: Changes,
  deps: TakeDeps,
  turn: Turn,
  call: ToolCall,
  body: ResultBody,
  clientId: string | null,
): Promise<void> {
  const failed = (body.error ?? '') !== ''
  const isStep = call.parentCallId !== null
  const fitted = textForModel(deps, call, turn, body)
  if (fitted.artifact !== undefined && !isStep)
    await changes.tx.artifacts.put(changes.sid, call.callId, fitted.artifact)
  const resultMessageId = await storeResult(changes, deps.ids, call, isStep ? fitted.whole : fitted.text)
  const approval = implicitDecision(call, failed ? (body.error ?? '') : null, clientId, changes.at)
  await changes.tx.calls.update(changes.sid, call.callId, call.state, {
    state: 'answered',
    answeredAt: changes.at,
    failed,
    resultMessageId,
    ...(approval ? { approval } : {}),
  })
  if (approval) {
    const decision = failed ? 'reject' : 'approve'
    changes.add({
      type: 'approval.decided',
      facts: { callId: call.callId, tool: call.tool, decision, implicit: true, by: clientId },
      call: { ...call, approval },
    })
  }
  changes.add({
    type: 'tool_result.created',
    facts: {
      callId: call.callId,
      tool: call.tool,
      messageId: resultMessageId,
      failed,
      ...(failed ? { error: fitted.whole.slice(0, 500) } : {}),
    },
  })
  if (isStep) await followStep(changes, deps, turn, { ...call, state: 'answered' }, body)
}

function textForModel(deps: Pick<TakeDeps, 'agents'>, call: ToolCall, turn: Turn, body: ResultBody) {
  const problems = turn.client?.tools != null && !body.error ? diagnosticsText(cleanValue(body.result)) : ''
  const whole = problems + cleanText(resultText(cleanValue(body.result), body.error)) + doubt(call, turn, body)
  const noted = call.editedJson ? editedNote(argumentsOf(call)) + whole : whole
  const given = body.artifact === undefined ? undefined : cleanText(body.artifact)
  const rest = canReadOn(deps, call, turn) ? { callId: call.callId, isThis: given === undefined } : undefined
  const fitted = fitForModel(noted, rest)
  return { whole, artifact: given ?? (fitted.cut ? noted : undefined), ...fitted }
}

/** Whether the model that reads the result was told of `read_artifact`. */
function canReadOn({ agents }: Pick<TakeDeps, 'agents'>, call: ToolCall, turn: Turn): boolean {
  return turn.client?.tools != null && (agents.find(call.agent)?.tools.includes('read_artifact') ?? false)
}

/** The shipped IDE's search finds nothing whatever there is: its "0 matches" is not passed on as the truth (DESIGN 7). */
function doubt(call: ToolCall, turn: Turn, body: ResultBody): string {
  const { result } = body
  if (turn.client || call.tool !== 'search_in_code' || typeof result !== 'object' || result === null) return ''
  if (!('total_matches' in result) || result.total_matches !== 0) return ''
  return '\n[This client may report 0 matches although there are some. Look with list_files and read_file before you rely on it.]'
}

function implicitDecision(call: ToolCall, error: string | null, by: string | null, at: number): Approval | undefined {
  if (call.state !== 'awaiting_approval' || !call.approval) return undefined
  return {
    ...call.approval,
    status: error === null ? 'approved' : 'rejected',
    decision: error === null ? 'approve' : 'reject',
    implicit: true,
    feedback: error,
    decidedBy: by,
    decidedAt: at,
  }
}

/** A person said no: the rest of the answer is not run, and the model is not asked (PROTOCOL 3.5 D). */
async function endRejected(changes: Changes, deps: TakeDeps, turn: Turn, runId: string, call: ToolCall): Promise<void> {
  for (const other of await changes.tx.calls.listByMessage(changes.sid, call.messageId)) {
    await closeCall(changes, deps.ids, other, 'not_executed')
  }
  await endRun(changes, runId, { outcome: 'rejected', tool: call.tool })
  await endTurn(changes, turn, 'completed')
}

async function replaceResult(
  changes: Changes,
  deps: TakeDeps,
  turn: Turn,
  call: ToolCall,
  body: ResultBody,
): Promise<void> {
  const { sid, tx } = changes
  if (!call.resultMessageId)
    throw new RuntimeError('internal', 'Internal server error', { details: { missing: 'result' } })
  const failed = (body.error ?? '') !== ''
  const { text, artifact } = textForModel(deps, { ...call, editedJson: null }, turn, body)
  if (artifact !== undefined) await tx.artifacts.put(sid, call.callId, artifact)
  const { callId, tool } = call
  const [part] = withMasks([{ type: 'tool-result' as const, callId, tool, text }], sid)
  if (part) await tx.messages.replaceResult(sid, call.resultMessageId, part)
  deps.histories.forget(sid)
  await tx.calls.update(sid, call.callId, 'answered', { failed, answeredAt: changes.at })
  changes.add({
    type: 'tool_result.replaced',
    facts: { callId, tool, messageId: call.resultMessageId, failed },
  })
}
