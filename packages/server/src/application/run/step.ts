import type { AgentDefinition } from '../../domain/agent.ts'
import { RuntimeError } from '../../domain/errors.ts'
import { textOf } from '../../domain/message.ts'
import type { Turn } from '../../domain/session.ts'
import { type AnswerState, nextStep } from '../../domain/turn.ts'
import type { ModelAnswer, ModelEvent, ModelRequest } from '../ports/language-model.ts'
import type { ModelCall } from '../ports/store.ts'
import { AnswerCollector } from './collect-answer.ts'
import { type CallStart, modelCallRow } from './model-call.ts'
import { offeredTools } from './offered-tools.ts'
import { planCalls } from './plan-calls.ts'
import { systemPrompt } from './prompt.ts'
import { buildHistory } from './request.ts'
import type { RunDeps, RunState, StepContext } from './run-state.ts'
import { storeStep } from './store-step.ts'

/** One model call and what follows from it. True: the run goes on with another. Throws what ends the run. */
export async function runStep(deps: RunDeps, state: RunState, context: StepContext): Promise<boolean> {
  const { agent, turn } = context
  if (turn.steps >= deps.limits.turnSteps) {
    throw new RuntimeError('step_limit', `The agent stopped after ${turn.steps} steps without an answer`, {
      details: { hint: 'Say how to go on, or ask for less at once.' },
    })
  }
  const messageId = deps.ids.next()
  const { answer, call } = await askModel(deps, state, context, messageId)
  const taken = await deps.store.read((tx) => tx.calls.existing(state.taken.sid, callIdsOf(answer)))
  const { parts, calls } = planCalls(answer.parts, {
    agent,
    agents: deps.agents,
    tools: deps.tools,
    policy: deps.policy,
    client: turn.client,
    taken,
    newCallId: () => `call_${deps.ids.next()}`,
  })
  const answerState: AnswerState = {
    text: textOf(answer.parts),
    calls,
    faultyAnswers: state.faultyAnswers,
    showsRefusals: turn.client === null,
  }
  const next = nextStep(answerState)
  state.faultyAnswers = next.kind === 'ask-again' ? state.faultyAnswers + 1 : 0
  if (next.kind === 'handoff') state.handoffs++
  const events = await storeStep(deps, state, context, { messageId, parts, calls, next, call, finish: answer.reason })
  state.channel.preview = undefined
  deps.channels.publish(state.taken.sid, events)
  return next.kind === 'ask-again' || next.kind === 'handoff'
}

async function askModel(
  deps: RunDeps,
  state: RunState,
  context: StepContext,
  messageId: string,
): Promise<{ readonly answer: ModelAnswer; readonly call: ModelCall }> {
  const { agent, turn } = context
  const { sid, turnId, runId } = state.taken
  const model = deps.models.modelFor(agent)
  const request = await buildRequest(deps, sid, agent, turn)
  const start: CallStart = {
    id: deps.ids.next(),
    sid,
    turnId,
    runId,
    purpose: 'answer',
    agent: agent.name,
    model,
    at: deps.clock.now(),
    startedAt: deps.clock.monotonic(),
  }
  const collector = new AnswerCollector()
  const seen: { firstTokenAt?: number } = {}
  try {
    await readAnswer(deps, state, model.stream(request, state.signal), messageId, collector, seen)
    const answer = collector.finish()
    return { answer, call: modelCallRow(start, deps.clock.monotonic(), { answer, firstTokenAt: seen.firstTokenAt }) }
  } catch (thrown) {
    state.partial = { messageId, text: collector.partialText(), agent: agent.name }
    const error = RuntimeError.from(state.signal.aborted ? state.signal.reason : thrown)
    const row = modelCallRow(start, deps.clock.monotonic(), { error, firstTokenAt: seen.firstTokenAt })
    await storeFailedCall(deps, row)
    throw error
  }
}

async function buildRequest(deps: RunDeps, sid: string, agent: AgentDefinition, turn: Turn): Promise<ModelRequest> {
  const stored = await deps.store.read((tx) => tx.messages.list(sid))
  const { messages, repairs } = buildHistory(stored)
  if (repairs > 0) deps.log.error('the history had to be mended', { sid, repairs })
  return {
    purpose: 'answer',
    system: systemPrompt(agent, turn.client),
    messages,
    tools: offeredTools(deps, agent, turn.client),
  }
}

/** Nothing per token but the collector and an offset for readers: no transaction, no log line, no wait for a reader. */
async function readAnswer(
  deps: RunDeps,
  state: RunState,
  events: AsyncIterable<ModelEvent>,
  messageId: string,
  collector: AnswerCollector,
  seen: { firstTokenAt?: number },
): Promise<void> {
  const { channel, taken } = state
  let shown = false
  for await (const event of events) {
    collector.add(event)
    if (event.type !== 'text-delta' && event.type !== 'reasoning-delta') continue
    if (!shown) {
      seen.firstTokenAt = deps.clock.monotonic()
      await state.shown
      channel.preview = { messageId, runId: taken.runId, text: '', reasoning: '' }
      shown = true
    }
    if (!channel.preview) continue
    if (event.type === 'text-delta') channel.preview.text += event.text
    else channel.preview.reasoning += event.text
    channel.wake()
  }
}

/** A call that failed is counted too. Its run ends in any case: a store that is away must not hide why. */
async function storeFailedCall(deps: RunDeps, row: ModelCall): Promise<void> {
  try {
    await deps.store.transact((tx) => tx.modelCalls.add(row))
  } catch (error) {
    deps.log.warn('a model call is not stored', { sid: row.sid, run_id: row.runId, error })
  }
}

function callIdsOf(answer: ModelAnswer): string[] {
  return answer.parts.flatMap((part) => (part.type === 'tool-call' && part.callId !== '' ? [part.callId] : []))
}
