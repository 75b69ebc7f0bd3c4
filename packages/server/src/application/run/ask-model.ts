import type { AgentDefinition } from '../../domain/agent.ts'
import { RuntimeError } from '../../domain/errors.ts'
import type { Turn } from '../../domain/session.ts'
import type { ModelAnswer, ModelEvent, ModelRequest } from '../ports/language-model.ts'
import type { ModelCall } from '../ports/store.ts'
import { AnswerCollector } from './collect-answer.ts'
import { type CallStart, modelCallRow } from './model-call.ts'
import { offeredTools } from './offered-tools.ts'
import { systemPrompt } from './prompt.ts'
import { applyRemedy, contextTooLong, remedyFor } from './remedies.ts'
import { loopRepeats } from './repeats.ts'
import { buildHistory } from './request.ts'
import type { RunDeps, RunState, StepContext } from './run-state.ts'

export interface Asked {
  readonly answer: ModelAnswer
  readonly call: ModelCall
}

/** One answer of the model. A request that the provider refuses as it is (too long, an opaque part that it does not take) is sent once more
 *  in another form, as long as nothing of an answer was shown. Throws what ends the run. */
export async function askModel(
  deps: RunDeps,
  state: RunState,
  context: StepContext,
  messageId: string,
): Promise<Asked> {
  let request = await buildRequest(deps, state.taken.sid, context.agent, context.turn)
  for (const remedy of state.remedies) {
    request = { ...request, messages: applyRemedy(request.messages, remedy) ?? request.messages }
  }
  for (;;) {
    try {
      return await askOnce(deps, state, context, messageId, request)
    } catch (thrown) {
      const error = RuntimeError.from(thrown)
      const remedy = state.channel.preview || state.signal.aborted ? undefined : remedyFor(error)
      const untried = remedy && !state.remedies.has(remedy) ? remedy : undefined
      const messages = untried && applyRemedy(request.messages, untried)
      if (!untried || !messages) throw error.code === 'context_too_long' ? contextTooLong(error) : error
      state.remedies.add(untried)
      request = { ...request, messages }
      const { sid, runId } = state.taken
      deps.log.warn('the model refused the request, sent again in another form', { sid, run_id: runId, remedy })
    }
  }
}

async function askOnce(
  deps: RunDeps,
  state: RunState,
  { agent, turn }: StepContext,
  messageId: string,
  request: ModelRequest,
): Promise<Asked> {
  const { sid, runId } = state.taken
  const model = deps.models.modelFor(agent)
  const start: CallStart = {
    id: deps.ids.next(),
    sid,
    turnId: turn.turnId,
    runId,
    purpose: 'answer',
    agent: agent.name,
    model,
    at: deps.clock.now(),
    startedAt: deps.clock.monotonic(),
  }
  const collector = new AnswerCollector()
  const seen: { firstTokenAt?: number; answer?: ModelAnswer } = {}
  const row = (end: { answer?: ModelAnswer; error?: RuntimeError }): ModelCall =>
    modelCallRow(start, deps.clock.monotonic(), { ...end, firstTokenAt: seen.firstTokenAt })
  try {
    await readAnswer(
      deps,
      state,
      model.stream(request, state.signal),
      { messageId, agent: agent.name },
      collector,
      seen,
    )
    const answer = collector.finish()
    seen.answer = answer
    refuseCutBeforeText(answer)
    return { answer, call: row({ answer }) }
  } catch (thrown) {
    state.partial = { messageId, text: collector.partialText(), agent: agent.name }
    const error = RuntimeError.from(state.signal.aborted ? state.signal.reason : thrown)
    await storeFailedCall(deps, row({ error, ...(seen.answer && { answer: seen.answer }) }))
    throw error
  }
}

async function buildRequest(deps: RunDeps, sid: string, agent: AgentDefinition, turn: Turn): Promise<ModelRequest> {
  const stored = await deps.store.read((tx) => tx.messages.list(sid))
  const { messages, repairs, repeated } = buildHistory(stored)
  if (repairs > 0) {
    deps.meters?.historyRepaired(repairs)
    deps.log.error('the history had to be mended', { sid, repairs })
  }
  if (repeated && repeated.count >= loopRepeats) {
    throw new RuntimeError(
      'loop',
      `The agent made the same call of ${repeated.tool} ${repeated.count} times with the same result and was stopped. Say how to go on`,
    )
  }
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
  { messageId, agent }: { readonly messageId: string; readonly agent: string },
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
      deps.drafts.follow(messageId, channel, agent)
      shown = true
    }
    if (!channel.preview) continue
    if (event.type === 'text-delta') channel.preview.text += event.text
    else channel.preview.reasoning += event.text
    channel.wake()
  }
}

/** A model may have thought up to its limit. An empty answer that it ended itself is one: the recorded service showed it so. */
function refuseCutBeforeText({ parts, reason }: ModelAnswer): void {
  if (reason !== 'length' || parts.some((part) => part.type !== 'reasoning')) return
  const text = 'the model reached its output limit before it said anything'
  throw new RuntimeError('answer_too_long', `LLM request failed: ${text}`)
}

/** A call that failed is counted too. Its run ends in any case: a store that is away must not hide why. */
async function storeFailedCall(deps: RunDeps, row: ModelCall): Promise<void> {
  try {
    await deps.store.transact((tx) => tx.modelCalls.add(row))
  } catch (error) {
    deps.log.warn('a model call is not stored', { sid: row.sid, run_id: row.runId, error })
  }
}
