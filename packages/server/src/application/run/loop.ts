import { RuntimeError } from '../../domain/errors.ts'
import { interruptedByPause } from '../commands/pause.ts'
import { startDeadline } from '../deadline.ts'
import type { Taken } from '../inputs/input.ts'
import type { Transaction } from '../ports/store.ts'
import { ownedSession, refuseStopped } from '../replicas/owned-session.ts'
import { type ActiveRun, ActiveRuns } from './active-runs.ts'
import { readSources } from './build-request.ts'
import { failRun } from './fail-run.ts'
import { routeRun } from './route-run.ts'
import type { RunDeps, RunState } from './run-state.ts'
import { runStep } from './step.ts'

export interface Runs {
  readonly active: ActiveRuns
  /** Works on a run until it ends; never throws. */
  start(taken: Taken, shown: Promise<void>): void
}

/** The run loop, written once. A run belongs to the process and not to the request that started it. `onEnd` is told when the session is
 *  free again, whatever came of the run. */
export function createRuns(deps: RunDeps, onEnd: (sid: string) => void): Runs {
  const active = new ActiveRuns()

  function start(taken: Taken, shown: Promise<void>): void {
    const controller = new AbortController()
    const channel = deps.channels.hold(taken.sid)
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    const { sid, runId, turnId, fence } = taken
    const startedAt = deps.clock.monotonic()
    const run: ActiveRun = { sid, runId, turnId, fence, startedAt, controller, ended, told: false }
    active.add(run)
    const state: RunState = {
      taken,
      channel,
      signal: controller.signal,
      shown,
      startedAt,
      faultyAnswers: 0,
      handoffs: 0,
      remedies: new Set(),
      partial: undefined,
    }
    work(state, controller)
      .catch((error) => deps.log.error('run could not be ended', { sid, run_id: runId, error }))
      .finally(() => {
        channel.preview = undefined
        deps.channels.release(channel)
        active.remove(run)
        resolve()
        onEnd(sid)
      })
  }

  async function work(state: RunState, controller: AbortController): Promise<void> {
    const stopClock = startDeadline(deps.clock, deps.limits.runMs, () => {
      controller.abort(new RuntimeError('run_timeout', runTimeoutText(deps.limits.runMs)))
    })
    try {
      while (await advance(state));
    } catch (error) {
      const reason: unknown = state.signal.aborted ? state.signal.reason : error
      await failRun(deps, state, RuntimeError.from(reason), active)
    } finally {
      stopClock()
    }
  }

  /** One routing or one step. False: the run has ended. */
  async function advance(state: RunState): Promise<boolean> {
    state.signal.throwIfAborted()
    if (deps.paused?.()) throw interruptedByPause()
    await deps.steer(state.taken)
    const { session, turn, agents, agent, sources } = await deps.store.read((tx) => readStep(tx, state.taken))
    const scoped = { ...deps, agents }
    if (!sources) {
      await routeRun(scoped, state, session)
      return true
    }
    return await runStep(scoped, state, { session, turn, agent, sources })
  }

  /** All that a step goes by, in one read; no sources: the router has the session. */
  async function readStep(tx: Transaction, taken: Taken) {
    const session = await ownedSession(tx, taken)
    refuseStopped(session)
    const turn = await tx.turns.get(taken.turnId)
    if (!turn) throw new RuntimeError('session_deleted', 'The session was deleted')
    const agents = await deps.sessionAgents.of(tx, taken.sid)
    const agent = agents.current(session.currentAgent)
    const sources = agent.role === 'router' ? undefined : await readSources(tx, session, deps.histories)
    return { session, turn, agents, agent, sources }
  }

  return { active, start }
}

function runTimeoutText(ms: number): string {
  return `The work on this message took longer than ${Math.round(ms / 1000)} s and was stopped`
}
