import { RuntimeError } from '../../domain/errors.ts'
import type { SessionEvent } from '../../domain/event.ts'
import type { AssistantPart } from '../../domain/message.ts'
import { fitForModel, syntheticText } from '../../domain/result-text.ts'
import type { ToolCall } from '../../domain/tool-call.ts'
import { finalParts, type NextStep, type PlannedCall, unrunCalls } from '../../domain/turn.ts'
import { dispatchCalls, endAwaiting } from '../inputs/batch.ts'
import { newCallRow, pendingApproval, storeCall, storeStepCall } from '../inputs/call-rows.ts'
import { endRun, endTurn, storeResult } from '../inputs/turn-rows.ts'
import type { FinishReason } from '../ports/language-model.ts'
import type { ModelCall } from '../ports/store.ts'
import { ownedSession, refuseStopped } from '../replicas/owned-session.ts'
import { Changes } from './changes.ts'
import { runSwitchLimit, switchAgent } from './handoff.ts'
import type { RunDeps, RunState, StepContext } from './run-state.ts'
import { answerRuntimeCall } from './runtime-calls.ts'

export interface StepResult {
  readonly messageId: string
  readonly parts: readonly AssistantPart[]
  readonly calls: readonly PlannedCall[]
  readonly next: NextStep
  readonly call: ModelCall
  readonly finish: FinishReason
}

/** The one transaction of a step: message, calls with their approvals, results that are known already, usage, events, and the end of the
 *  run where it ends. Returns the events, to be shown. */
export async function storeStep(
  deps: RunDeps,
  state: RunState,
  context: StepContext,
  result: StepResult,
): Promise<readonly SessionEvent[]> {
  const drafted = deps.drafts.done(result.messageId)
  return await deps.store.transact(async (tx) => {
    const session = await ownedSession(tx, state.taken)
    refuseStopped(session)
    state.signal.throwIfAborted()
    const changes = new Changes(tx, session, deps.clock.now())
    changes.turnId = state.taken.turnId
    changes.runId = state.taken.runId
    changes.workedMs = Math.round(deps.clock.monotonic() - state.startedAt)
    const turn = { ...context.turn, steps: context.turn.steps + 1 }
    await tx.modelCalls.add(result.call, 1)
    addStepEvents(changes, turn.steps, result)
    const { next } = result
    const parts = next.kind === 'end' ? finalParts(result.parts, next.text) : result.parts
    if (drafted) await tx.drafts.remove(result.messageId)
    await changes.appendMessage({ id: result.messageId, role: 'assistant', parts, agent: context.agent.name })
    if (next.kind === 'end') {
      await endRun(changes, state.taken.runId, { outcome: 'completed' })
      await endTurn(changes, turn, 'completed')
    } else await storeCalls(changes, deps, state, { ...context, turn }, result)
    return await changes.store()
  })
}

function addStepEvents(changes: Changes, step: number, { call, finish }: StepResult): void {
  changes.add({ type: 'step.started', facts: { step, agent: call.agent, model: call.model } })
  const { inputTokens, cachedTokens, outputTokens, reasoningTokens, durationMs, contextTokens } = call
  const facts = { step, finish, inputTokens, cachedTokens, outputTokens, reasoningTokens, durationMs }
  changes.add({ type: 'step.ended', facts: { ...facts, ...(contextTokens === null ? {} : { contextTokens }) } })
}

async function storeCalls(
  changes: Changes,
  deps: RunDeps,
  state: RunState,
  context: StepContext,
  { messageId, calls, next, call: asked }: StepResult,
): Promise<void> {
  const rows = calls.map((planned, index) => ({
    planned,
    row: callRow(changes, deps, context, messageId, planned, index),
  }))
  const waiting: ToolCall[] = []
  for (const { planned, row } of rows) {
    const handedOut = next.kind === 'await-client' && planned.kind === 'client' && next.calls.includes(planned)
    await storeCall(changes, row, { handedOut, inText: asked.callsInText })
    if (!handedOut) continue
    waiting.push(planned.firstStep ? await storeStepCall(changes, deps.ids, row, planned.firstStep) : row)
  }
  const unrun = new Set(unrunCalls(calls, next))
  for (const { planned, row } of rows) if (unrun.has(planned)) await answerUnrun(changes, deps, planned, row)
  if (next.kind === 'await-client' || next.kind === 'go-on') {
    for (const { planned, row } of rows) {
      if (planned.kind === 'runtime') await answerHere(changes, deps, row, planned.args)
    }
  }
  if (next.kind === 'handoff') await storeHandoff(changes, deps, state, rows, next.call)
  if (next.kind === 'await-client') {
    if (state.taken.byExecutor) await dispatchCalls(changes, deps, context.turn, waiting)
    await endAwaiting(changes, context.turn, state.taken.runId, waiting)
  }
  if (next.kind === 'fail') {
    await endRun(changes, state.taken.runId, {
      outcome: 'failed',
      error: { code: next.fault.code, text: next.fault.forPerson ?? next.fault.text },
    })
    await endTurn(changes, context.turn, 'failed')
  }
}

function callRow(
  changes: Changes,
  deps: RunDeps,
  context: StepContext,
  messageId: string,
  planned: PlannedCall,
  index: number,
): ToolCall {
  const { callId, tool, argumentsJson } = planned.part
  const ruling = ('ruling' in planned && planned.ruling) || null
  const origin = {
    sid: changes.sid,
    callId,
    turnId: context.turn.turnId,
    messageId,
    index,
    tool,
    agent: context.agent.name,
    createdAt: changes.at,
    ruling,
  }
  if (planned.kind !== 'client') return newCallRow(deps.ids, { ...origin, argumentsJson })
  const approval = planned.approval ? pendingApproval(planned.approval.reason) : null
  const lowered = planned.firstStep !== undefined
  return newCallRow(deps.ids, { ...origin, argumentsJson: planned.argumentsJson, approval, lowered })
}

/** A faulty call gets its fault as the result; one that could not run beside others is told so. */
async function answerUnrun(changes: Changes, deps: RunDeps, planned: PlannedCall, row: ToolCall): Promise<void> {
  const faulty = planned.kind === 'invalid'
  const text = faulty ? `Error: ${planned.fault.text}` : syntheticText('not_executed')
  const resultMessageId = await storeResult(changes, deps.ids, row, fitForModel(text).text)
  await changes.tx.calls.update(changes.sid, row.callId, row.state, {
    state: faulty ? 'answered' : 'cancelled',
    answeredAt: changes.at,
    resultMessageId,
    ...(faulty ? { failed: true } : { syntheticReason: 'not_executed' as const }),
  })
  const { callId, tool } = row
  if (faulty) {
    const error = planned.fault.text.slice(0, 500)
    changes.add({
      type: 'tool_result.created',
      facts: { callId, tool, messageId: resultMessageId, failed: true, error },
    })
  } else changes.add({ type: 'tool_call.cancelled', facts: { callId, tool, reason: 'not_executed' } })
}

async function answerHere(
  changes: Changes,
  deps: RunDeps,
  row: ToolCall,
  args: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { failed, text } = await answerRuntimeCall(changes.tx, row, args)
  const resultMessageId = await storeResult(changes, deps.ids, row, text)
  await changes.tx.calls.update(changes.sid, row.callId, 'open', {
    state: 'answered',
    answeredAt: changes.at,
    failed,
    resultMessageId,
  })
  const { callId, tool } = row
  const error = failed ? { error: text.slice(0, 500) } : {}
  changes.add({ type: 'tool_result.created', facts: { callId, tool, messageId: resultMessageId, failed, ...error } })
}

async function storeHandoff(
  changes: Changes,
  deps: RunDeps,
  state: RunState,
  rows: readonly { readonly planned: PlannedCall; readonly row: ToolCall }[],
  call: Extract<PlannedCall, { kind: 'handoff' }>,
): Promise<void> {
  const row = rows.find(({ planned }) => planned === call)?.row
  if (!row) return
  const resultMessageId = await storeResult(changes, deps.ids, row, `Switching to ${call.to} agent`)
  await changes.tx.calls.update(changes.sid, row.callId, 'open', {
    state: 'answered',
    answeredAt: changes.at,
    failed: false,
    resultMessageId,
  })
  const { callId, tool } = row
  changes.add({ type: 'tool_result.created', facts: { callId, tool, messageId: resultMessageId, failed: false } })
  await handOver(changes, deps, state, call)
}

/** To the agent that has the session already, nothing happens; beyond the limits, the run fails with what it said kept. */
async function handOver(
  changes: Changes,
  deps: RunDeps,
  state: RunState,
  call: Extract<PlannedCall, { kind: 'handoff' }>,
): Promise<void> {
  if (state.handoffs > runSwitchLimit) {
    throw new RuntimeError(
      'switch_limit',
      `The agents handed over to each other more than ${runSwitchLimit} times and were stopped`,
      {
        details: { hint: 'Choose an agent yourself, or say more exactly what is to be done.' },
      },
    )
  }
  if (deps.agents.current(changes.session.currentAgent).name === call.to) return
  await switchAgent(changes, deps.agents, { to: call.to, reason: call.reason, confidence: null, by: 'agent' })
}
