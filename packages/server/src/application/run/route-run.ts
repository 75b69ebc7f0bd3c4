import { RuntimeError } from '../../domain/errors.ts'
import type { Session } from '../../domain/session.ts'
import { routingChain } from '../ports/model-source.ts'
import type { ModelCall } from '../ports/store.ts'
import { Changes } from './changes.ts'
import { switchAgent } from './handoff.ts'
import { type CallStart, modelCallRow } from './model-call.ts'
import { classify, onlyRoute, type Route, routeByKeywords, routeFrom } from './routing.ts'
import type { RunDeps, RunState } from './run-state.ts'

/** The router has the session: decides who answers, and hands it over. */
export async function routeRun(deps: RunDeps, state: RunState, session: Session): Promise<void> {
  const only = onlyRoute(deps.agents)
  const { route, call } = only ? { route: only, call: undefined } : await askForRoute(deps, state, session)
  const events = await deps.store.transact(async (tx) => {
    const changes = new Changes(tx, session, deps.clock.now())
    changes.turnId = state.taken.turnId
    changes.runId = state.taken.runId
    if (call) await tx.modelCalls.add(call)
    const { agent, reason, confidence } = route
    await switchAgent(changes, deps.agents, { to: agent.name, reason, confidence, by: 'router' })
    return await changes.store()
  })
  await state.shown
  deps.channels.publish(session.sid, events)
}

async function askForRoute(
  deps: RunDeps,
  state: RunState,
  session: Session,
): Promise<{ readonly route: Route; readonly call: ModelCall }> {
  const { sid, turnId, runId } = state.taken
  const request = (await deps.store.read((tx) => tx.messages.lastUserText(sid))) ?? ''
  const [model] = routingChain(deps.models, deps.agents.router, session.model)
  const start: CallStart = {
    id: deps.ids.next(),
    sid,
    turnId,
    runId,
    purpose: 'classify',
    agent: deps.agents.router.name,
    model,
    insteadOf: null,
    at: deps.clock.now(),
    startedAt: deps.clock.monotonic(),
  }
  try {
    const answer = await classify(deps.agents, model.language, request, state.signal)
    const route = routeFrom(deps.agents, answer) ?? routeByKeywords(deps.agents, request)
    return { route, call: modelCallRow(start, deps.clock.monotonic(), { answer }) }
  } catch (thrown) {
    // Who answers must not depend on a model that is down: words decide then (PROTOCOL 4.4).
    state.signal.throwIfAborted()
    const error = RuntimeError.from(thrown)
    deps.log.warn('routing by keywords', { sid, run_id: runId, code: error.code })
    return {
      route: routeByKeywords(deps.agents, request),
      call: modelCallRow(start, deps.clock.monotonic(), { error }),
    }
  }
}
