import { RuntimeError } from '../../domain/errors.ts'
import { estimateRequest } from '../../domain/history-cut.ts'
import type { Session } from '../../domain/session.ts'
import type { ModelAnswer, ModelEvent, ModelRequest } from '../ports/language-model.ts'
import type { NamedModel } from '../ports/model-source.ts'
import type { ModelCall } from '../ports/store.ts'
import { leaseLost, ownedSession } from '../replicas/owned-session.ts'
import { isAway } from './away.ts'
import {
  buildRequest,
  fitted,
  type RequestHead,
  readSources,
  requestHead,
  scaleOf,
  surelyFits,
} from './build-request.ts'
import { Changes } from './changes.ts'
import { AnswerCollector } from './collect-answer.ts'
import { type CallStart, modelCallRow } from './model-call.ts'
import { contextTooLong, remedyFor, withoutOpaque } from './remedies.ts'
import type { RequestSources, RunDeps, RunState, StepContext } from './run-state.ts'
import { withTextCalls } from './text-calls.ts'
import { TextGate } from './text-gate.ts'

export interface Asked {
  readonly answer: ModelAnswer
  readonly call: ModelCall
}

interface Addressee {
  readonly model: NamedModel
  /** Alias of the model in whose place it is asked. */
  readonly insteadOf: string | null
}

interface Request extends Addressee {
  readonly request: ModelRequest
  readonly prefixHash: string
  readonly estimatedTokens: number
}

/** One answer of the model that is meant, or, while it is away, of the next of its chain: in the same step, as long as nothing of an answer was
 *  shown. Throws what ends the run. */
export async function askModel(
  deps: RunDeps,
  state: RunState,
  context: StepContext,
  messageId: string,
): Promise<Asked> {
  const chain = deps.models.chainFor(context.agent, context.session.model)
  for (const [place, model] of chain.entries()) {
    const insteadOf = place === 0 ? null : chain[0].facts.alias
    try {
      // The one before may have left out a part of the history.
      const sources = place === 0 ? context.sources : await readAgain(deps, context.session)
      return await askOne(deps, state, { ...context, sources }, messageId, { model, insteadOf })
    } catch (thrown) {
      const error = RuntimeError.from(thrown)
      const next = chain[place + 1]
      if (!next || state.channel.preview || state.signal.aborted || !isAway(error)) throw error
      const { sid, runId } = state.taken
      const asked = { sid, run_id: runId, code: error.code, model: model.facts.alias, next: next.facts.alias }
      deps.log.warn('the model is away, another is asked', asked)
    }
  }
  throw new RuntimeError('internal', 'No model was asked')
}

async function readAgain(deps: RunDeps, session: Session): Promise<RequestSources> {
  return await deps.store.read(async (tx) => {
    const current = await tx.sessions.get(session.sid)
    return await readSources(tx, current ?? session, deps.histories)
  })
}

/** What would be too long is sent with less of the history; a request that the provider refuses as it is (too long all the same, an opaque
 *  part that it does not take) once more in another form, as long as nothing of an answer was shown. */
async function askOne(
  deps: RunDeps,
  state: RunState,
  context: StepContext,
  messageId: string,
  to: Addressee,
): Promise<Asked> {
  const { sid, runId } = state.taken
  let { sources } = context
  const model = to.model.language
  const head = requestHead(deps, context.agent, context.turn.client, sources.workspace, model)
  const limit = model.contextTokens
  if (limit && !surelyFits(sources, head, limit)) {
    sources = (await shorten(deps, state, { ...to, sources, head, limit: () => limit })) ?? sources
  }
  for (;;) {
    const estimatedTokens = estimateRequest({ messages: sources.stored, cut: sources.cut, headTokens: head.tokens })
    let request = buildRequest(deps, sid, head, sources)
    if (state.remedies.has('no-opaque')) {
      request = { ...request, messages: withoutOpaque(request.messages) ?? request.messages }
    }
    try {
      return await askOnce(deps, state, context, messageId, { ...to, request, prefixHash: head.hash, estimatedTokens })
    } catch (thrown) {
      const error = RuntimeError.from(thrown)
      const remedy = state.channel.preview || state.signal.aborted ? undefined : remedyFor(error)
      if (!remedy || state.remedies.has(remedy)) throw error.code === 'context_too_long' ? contextTooLong(error) : error
      state.remedies.add(remedy)
      if (remedy === 'shorter') {
        const refused = (scale: number) => Math.min(estimatedTokens * scale, limit ?? Number.POSITIVE_INFINITY)
        const shorter = await shorten(deps, state, { ...to, sources, head, limit: refused })
        if (!shorter) throw contextTooLong(error)
        sources = shorter
      } else if (!withoutOpaque(request.messages)) throw error
      deps.log.warn('the model refused the request, sent again in another form', { sid, run_id: runId, remedy })
    }
  }
}

interface TooLong extends Addressee {
  readonly sources: RequestSources
  readonly head: RequestHead
  /** In real tokens, of which there are so many for an estimated one. */
  readonly limit: (scale: number) => number
}

/** Leaves out more of the history and stores that, so that it stays so; undefined when it fits, or nothing can be left out. */
async function shorten(
  deps: RunDeps,
  state: RunState,
  { model, sources, head, limit }: TooLong,
): Promise<RequestSources | undefined> {
  const { sid, turnId, runId } = state.taken
  const scale = await deps.store.read((tx) => scaleOf(tx, sid, model.language))
  const fit = fitted(sources, head, scale, limit(scale))
  if (!fit) return undefined
  const { cut } = fit.sources
  const events = await deps.store.transact(async (tx) => {
    const changes = new Changes(tx, await ownedSession(tx, state.taken), deps.clock.now())
    changes.turnId = turnId
    changes.runId = runId
    await tx.workspaces.cut(sid, cut)
    changes.add({ type: 'history.cut', facts: { ...cut, tokensBefore: fit.before, tokensAfter: fit.after } })
    return await changes.store()
  })
  await state.shown
  deps.channels.publish(sid, events)
  return fit.sources
}

async function askOnce(
  deps: RunDeps,
  state: RunState,
  { agent, turn }: StepContext,
  messageId: string,
  { model, insteadOf, request, prefixHash, estimatedTokens }: Request,
): Promise<Asked> {
  const { sid, runId } = state.taken
  const start: CallStart = {
    id: deps.ids.next(),
    sid,
    turnId: turn.turnId,
    runId,
    purpose: 'answer',
    agent: agent.name,
    model,
    insteadOf,
    prefixHash,
    estimatedTokens,
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
      model.language.stream(request, state.signal),
      { messageId, agent: agent.name, mayCall: request.tools.length > 0 },
      collector,
      seen,
    )
    const said = collector.finish()
    seen.answer = said
    refuseCutBeforeText(said)
    const answer = withTextCalls(said, request)
    return { answer, call: row({ answer }) }
  } catch (thrown) {
    state.partial = { messageId, text: collector.partialText(), agent: agent.name }
    const error = RuntimeError.from(state.signal.aborted ? state.signal.reason : thrown)
    await storeFailedCall(deps, row({ error, ...(seen.answer && { answer: seen.answer }) }))
    throw error
  }
}

/** Nothing per token but the collector and an offset for readers: no transaction, no log line, no wait for a reader. */
async function readAnswer(
  deps: RunDeps,
  state: RunState,
  events: AsyncIterable<ModelEvent>,
  { messageId, agent, mayCall }: { readonly messageId: string; readonly agent: string; readonly mayCall: boolean },
  collector: AnswerCollector,
  seen: { firstTokenAt?: number },
): Promise<void> {
  const { channel, taken } = state
  let shown = false
  const gate = new TextGate(mayCall)
  for await (const event of events) {
    // A process that slept may have lost the session: nothing more of it is shown.
    if (!deps.lease.held) throw leaseLost()
    collector.add(event)
    if (event.type !== 'text-delta' && event.type !== 'reasoning-delta') continue
    seen.firstTokenAt ??= deps.clock.monotonic()
    const piece = event.type === 'text-delta' ? gate.pass(event.text) : event.text
    if (piece === '') continue
    if (!shown) {
      await state.shown
      channel.preview = { messageId, runId: taken.runId, text: '', reasoning: '' }
      deps.drafts.follow(messageId, channel, agent)
      shown = true
    }
    if (!channel.preview) continue
    if (event.type === 'text-delta') channel.preview.text += piece
    else channel.preview.reasoning += piece
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
