import { refusalFor } from '../../domain/agent.ts'
import { RuntimeError } from '../../domain/errors.ts'
import { decisionText } from '../../domain/result-text.ts'
import type { CallJudge, Ruling } from '../../domain/rules.ts'
import type { Session, Turn } from '../../domain/session.ts'
import { cleanText, cleanValue } from '../../domain/text.ts'
import type { Tool } from '../../domain/tool.ts'
import { type Approval, argumentsOf, planOf, type ToolCall } from '../../domain/tool-call.ts'
import type { Transaction } from '../ports/store.ts'
import { judgeOf } from '../rules.ts'
import type { Changes } from '../run/changes.ts'
import { switchAgent } from '../run/handoff.ts'
import { deniedFault } from '../run/judge-call.ts'
import { checkPaths, handoffReason } from '../run/plan-calls.ts'
import { batchIsComplete, dispatchCall, endAwaiting, isExecutor } from './batch.ts'
import { closedCall } from './closed-call.ts'
import type { InputBody, Taken } from './input.ts'
import { rejectLowered } from './lowered-call.ts'
import type { TakeDeps } from './take-deps.ts'
import { findInterrupted, resumeTurn } from './take-resume.ts'
import { startRun, storeResult } from './turn-rows.ts'

type DecisionBody = Extract<InputBody, { kind: 'decision' }>

/** The call that waits for this decision, in this session. Throws `approval_not_pending`, `call_superseded` (PROTOCOL 6.3, D10). */
export async function callToDecide(tx: Transaction, session: Session | undefined, callId: string): Promise<ToolCall> {
  const call = session ? await tx.calls.find(session.sid, callId) : undefined
  if (call?.approval && call.syntheticReason) throw closedCall(call)
  if (call?.state !== 'awaiting_approval' || call.approval?.status !== 'pending') {
    throw new RuntimeError('approval_not_pending', `No pending HITL state found for call_id=${callId}`)
  }
  return call
}

/** The same decision again, while the turn that it belongs to is interrupted, asks for the turn to go on (DESIGN 5). */
export async function repeatsDecision(
  tx: Transaction,
  session: Session | undefined,
  body: DecisionBody,
): Promise<Turn | undefined> {
  const turn = session && (await findInterrupted(tx, session))
  const call = turn && (await tx.calls.find(turn.sid, body.callId))
  const same = call?.state === 'answered' && call.turnId === turn?.turnId && call.approval?.decision === body.decision
  return same ? turn : undefined
}

/** A person decided. Approved and edited calls are really carried out: the client gets the call again and answers with its result; a
 *  rejection is told to the model (DESIGN 8, PROTOCOL 6.3). */
export async function takeDecision(
  changes: Changes,
  deps: TakeDeps,
  body: DecisionBody,
  clientId: string | null,
): Promise<Taken> {
  const { session, tx } = changes
  const resumes = await repeatsDecision(tx, session, body)
  if (resumes) return await resumeTurn(changes, deps, resumes)
  const call = await callToDecide(tx, session, body.callId)
  if (body.callHash !== undefined && body.callHash !== call.shownHash) {
    throw new RuntimeError('invalid_decision', 'The decision is about another call than the one that waits', {
      details: { hint: 'Show the call as it is now, and decide again.' },
    })
  }
  const turn = await tx.turns.get(call.turnId)
  if (!turn) throw new RuntimeError('internal', 'Internal server error', { details: { missing: 'turn' } })
  const edited = body.decision === 'edit' ? editedArguments(deps, call, body.modifiedArguments) : null
  const judge = edited && (await judgeOf(tx, deps, session, turn.client))
  const ruling = edited && judge ? judgeEdited(judge, edited) : call.ruling
  const editedJson = edited?.argumentsJson ?? null
  const begun = await startRun(changes, deps, turn.turnId, 'decision')
  const { runId } = begun
  await tx.turns.setState(turn.turnId, 'running', null)
  const byExecutor = isExecutor(turn, clientId)
  const taken = { ...begun, afterSeq: session.lastSeq, byExecutor }
  const decided: ToolCall = { ...call, editedJson, ruling, approval: approvalOf(call, body, clientId, changes.at) }
  changes.add({
    type: 'approval.decided',
    facts: { callId: call.callId, tool: call.tool, decision: body.decision, implicit: false, by: clientId },
    call: decided,
  })
  // A step of a lowered call is carried out in any case: what follows depends on it.
  const onlyAcknowledged = deps.hitl.approve === 'acknowledge' && call.parentCallId === null
  if (body.decision === 'reject' || onlyAcknowledged) {
    await answerByDecision(changes, deps, decided, body)
    return { ...taken, goesOn: await batchIsComplete(changes, deps, turn, runId, call.messageId, byExecutor) }
  }
  if (deps.tools.find((row) => row.name === call.tool)?.class === 'handoff') {
    await handOverByDecision(changes, deps, decided)
    return { ...taken, goesOn: await batchIsComplete(changes, deps, turn, runId, call.messageId, byExecutor) }
  }
  const open: ToolCall = { ...decided, state: 'open', dispatchedAt: null, dispatchedBy: null, heldBy: null }
  await tx.calls.update(changes.sid, call.callId, 'awaiting_approval', {
    state: 'open',
    editedJson,
    ruling,
    approval: decided.approval,
    dispatchedAt: null,
    dispatchedBy: null,
    heldBy: null,
  })
  // Another client than the one that runs the tools only hears that the decision was taken.
  if (byExecutor) await dispatchCall(changes, deps, turn, open)
  const calls = await tx.calls.listByMessage(changes.sid, call.messageId)
  await endAwaiting(
    changes,
    turn,
    runId,
    calls.filter((other) => other.state === 'open' || other.state === 'awaiting_approval'),
  )
  return { ...taken, goesOn: false }
}

/** A person let the session go to another agent: the runtime does that itself. */
async function handOverByDecision(changes: Changes, deps: TakeDeps, call: ToolCall): Promise<void> {
  const args = argumentsOf(call)
  const to = deps.agents.require(typeof args['mode'] === 'string' ? args['mode'] : deps.agents.router.name)
  const plan = call.editedJson === null ? undefined : planOf(call.tool, args)
  const changed = plan === undefined ? '' : `\n\nThe plan as the person changed it:\n\n${plan}`
  const resultMessageId = await storeResult(changes, deps.ids, call, `Switching to ${to.name} agent${changed}`)
  await changes.tx.calls.update(changes.sid, call.callId, 'awaiting_approval', {
    state: 'answered',
    editedJson: call.editedJson,
    approval: call.approval,
    answeredAt: changes.at,
    failed: false,
    resultMessageId,
  })
  const { callId, tool } = call
  changes.add({ type: 'tool_result.created', facts: { callId, tool, messageId: resultMessageId, failed: false } })
  if (deps.agents.current(changes.session.currentAgent).name === to.name) return
  await switchAgent(changes, deps.agents, { to: to.name, reason: handoffReason(args), confidence: null, by: 'agent' })
}

async function answerByDecision(changes: Changes, deps: TakeDeps, call: ToolCall, body: DecisionBody): Promise<void> {
  const feedback = body.feedback && cleanText(body.feedback)
  const text = decisionText(body.decision, call.tool, argumentsOf(call), feedback)
  const resultMessageId = await storeResult(changes, deps.ids, call, text)
  await changes.tx.calls.update(changes.sid, call.callId, 'awaiting_approval', {
    state: 'answered',
    editedJson: call.editedJson,
    approval: call.approval,
    answeredAt: changes.at,
    failed: null,
    resultMessageId,
  })
  changes.add({
    type: 'tool_result.created',
    facts: { callId: call.callId, tool: call.tool, messageId: resultMessageId, failed: false, byDecision: true },
  })
  await rejectLowered(changes, deps, call, feedback)
}

function approvalOf(call: ToolCall, body: DecisionBody, by: string | null, at: number): Approval {
  return {
    status: body.decision === 'reject' ? 'rejected' : 'approved',
    reason: call.approval?.reason ?? null,
    decision: body.decision,
    implicit: false,
    feedback: body.feedback ? cleanText(body.feedback) : null,
    decidedBy: by,
    decidedAt: at,
  }
}

interface EditedCall {
  readonly tool: Tool
  readonly args: Readonly<Record<string, unknown>>
  readonly paths: readonly string[]
  readonly argumentsJson: string
}

/** A person may do what would be asked about, not what is denied. */
function judgeEdited(judge: CallJudge, edited: EditedCall): Ruling {
  const ruling = judge(edited)
  if (ruling.effect === 'deny') throw new RuntimeError('tool_not_allowed', deniedFault(ruling).text)
  return ruling
}

/** What a person made of the arguments goes through the same checks as what the model wrote. Null: they left them as they were. */
function editedArguments(
  deps: TakeDeps,
  call: ToolCall,
  modified: Readonly<Record<string, unknown>> | undefined,
): EditedCall | null {
  if (!modified || Object.keys(modified).length === 0) return null
  const args = cleanValue(modified) as Record<string, unknown>
  const tool = deps.tools.find((row) => row.name === call.tool)
  if (!tool) throw new RuntimeError('tool_not_allowed', `Tool '${call.tool}' is not available`)
  const problems = tool.check(args)
  if (problems.length > 0) {
    throw new RuntimeError(
      'tool_arguments_invalid',
      `The edited arguments of ${call.tool} are wrong. ${problems.join('. ')}`,
      {
        details: { hint: 'Correct them and decide again; the approval still waits.' },
      },
    )
  }
  const agent = deps.agents.find(call.agent)
  const refusal = agent && refusalFor(agent, call.tool, args, tool?.paths)
  if (refusal) throw new RuntimeError(refusal.code, refusal.text)
  const checked = checkPaths(tool, args)
  if ('fault' in checked) throw new RuntimeError(checked.fault.code, checked.fault.text)
  return { tool, args, paths: checked.paths, argumentsJson: checked.argumentsJson ?? JSON.stringify(args) }
}
