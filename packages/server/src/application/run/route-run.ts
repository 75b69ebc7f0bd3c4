import { RuntimeError } from '../../domain/errors.ts'
import type { Session } from '../../domain/session.ts'
import { type NamedModel, routingChain } from '../ports/model-source.ts'
import type { ModelCall } from '../ports/store.ts'
import { ownedSession, refuseStopped } from '../replicas/owned-session.ts'
import { isAway } from './away.ts'
import { Changes } from './changes.ts'
import { switchAgent } from './handoff.ts'
import { type CallStart, modelCallRow } from './model-call.ts'
import { classify, onlyRoute, type Route, routeByKeywords, routeFrom } from './routing.ts'
import type { RunDeps, RunState } from './run-state.ts'

/** The router has the session: decides who answers, and hands it over. */
export async function routeRun(deps: RunDeps, state: RunState, session: Session): Promise<void> {
  const only = onlyRoute(deps.agents)
  const { route, calls }: Routed = only ? { route: only, calls: [] } : await askForRoute(deps, state, session)
  const events = await deps.store.transact(async (tx) => {
    const owned = await ownedSession(tx, state.taken)
    refuseStopped(owned)
    const changes = new Changes(tx, owned, deps.clock.now())
    changes.turnId = state.taken.turnId
    changes.runId = state.taken.runId
    for (const call of calls) await tx.modelCalls.add(call)
    const { agent, reason, confidence } = route
    await switchAgent(changes, deps.agents, { to: agent.name, reason, confidence, by: 'router' })
    return await changes.store()
  })
  await state.shown
  deps.channels.publish(session.sid, events)
}

interface Routed {
  readonly route: Route
  /** One for each model that was asked. */
  readonly calls: readonly ModelCall[]
}

async function askForRoute(deps: RunDeps, state: RunState, session: Session): Promise<Routed> {
  const { sid, runId } = state.taken
  const request = (await deps.store.read((tx) => tx.messages.lastUserText(sid))) ?? ''
  const chain = routingChain(deps.models, deps.agents.router, session.model)
  const calls: ModelCall[] = []
  for (const [place, model] of chain.entries()) {
    const start = startOf(deps, state, model, place === 0 ? null : chain[0].facts.alias)
    try {
      const answer = await classify(deps.agents, model.language, request, state.signal)
      calls.push(modelCallRow(start, deps.clock.monotonic(), { answer }))
      return { route: routeFrom(deps.agents, answer) ?? routeByKeywords(deps.agents, request), calls }
    } catch (thrown) {
      state.signal.throwIfAborted()
      const error = RuntimeError.from(thrown)
      calls.push(modelCallRow(start, deps.clock.monotonic(), { error }))
      deps.log.warn('nobody routed', { sid, run_id: runId, model: model.facts.alias, code: error.code })
      if (!isAway(error)) break
    }
  }
  // Who answers must not depend on a model that is down: words decide then (PROTOCOL 4.4).
  return { route: routeByKeywords(deps.agents, request), calls }
}

function startOf(deps: RunDeps, state: RunState, model: NamedModel, insteadOf: string | null): CallStart {
  const { sid, turnId, runId } = state.taken
  return {
    id: deps.ids.next(),
    sid,
    turnId,
    runId,
    purpose: 'classify',
    agent: deps.agents.router.name,
    model,
    insteadOf,
    at: deps.clock.now(),
    startedAt: deps.clock.monotonic(),
  }
}
