import { RuntimeError } from '../../domain/errors.ts'
import type { SessionEvent } from '../../domain/event.ts'
import { endRun, endTurn } from '../inputs/turn-rows.ts'
import type { Transaction } from '../ports/store.ts'
import type { ActiveRuns } from './active-runs.ts'
import { Changes } from './changes.ts'
import type { RunDeps, RunState } from './run-state.ts'

const attempts = 6
const firstWaitMs = 250
const longestWaitMs = 5_000

/** Ends a run that cannot go on. What was stored stays; what the model had written is kept as an interrupted message, never as a finished
 *  one. A store that is away is waited for, however long, so that no session stays taken. */
export async function failRun(deps: RunDeps, state: RunState, error: RuntimeError, active: ActiveRuns): Promise<void> {
  const { sid, runId } = state.taken
  const facts = { sid, run_id: runId, code: error.code, cause: error.cause, ...error.details }
  if (error.code === 'internal') deps.log.error('run failed', facts)
  else deps.log.warn('run ended early', facts)
  for (let attempt = 1; ; attempt++) {
    try {
      let moved = false
      const events = await deps.store.transact(async (tx) => {
        const session = await tx.sessions.get(sid)
        // Whoever took the session over has ended the run.
        if (!session || session.fence !== state.taken.fence) return []
        const changes = new Changes(tx, session, deps.clock.now())
        moved = await mayHandOver(tx, deps, state, error)
        if (moved) {
          await handOver(changes, deps, state)
          return await changes.store()
        }
        await storeEnd(changes, deps, state, error)
        return await changes.store()
      })
      // The first commit may have failed to become durable: then nothing of this run is shown, and its client hears of that.
      await state.shown
      deps.channels.publish(sid, events satisfies readonly SessionEvent[])
      if (moved) state.channel.movedRun = state.taken.runId
      state.channel.wake()
      return
    } catch (thrown) {
      const { code } = RuntimeError.from(thrown)
      const passes = code === 'storage_busy' || code === 'storage_unavailable'
      if ((active.closed || !passes) && attempt >= attempts) throw thrown
      deps.log.warn('the end of a run is not stored yet', { sid, run_id: runId, code })
      await deps.clock.sleep(Math.min(longestWaitMs, firstWaitMs * 2 ** (attempt - 1)))
    }
  }
}

/** A step that a shutdown cuts is run once more by another replica, where there is one (DESIGN 5). */
async function mayHandOver(tx: Transaction, deps: RunDeps, state: RunState, error: RuntimeError): Promise<boolean> {
  if (error.code !== 'shutting_down' || deps.silentMs === undefined) return false
  const run = await tx.runs.get(state.taken.runId)
  return run?.handedOver === 0 && (await tx.replicas.hasOthers(deps.lease.id, deps.silentMs))
}

async function handOver(changes: Changes, deps: RunDeps, state: RunState): Promise<void> {
  const { runId, fence } = state.taken
  if (state.partial) deps.drafts.done(state.partial.messageId)
  await changes.tx.drafts.takeOfRun(runId)
  await changes.tx.runs.handOver(runId)
  changes.set({ owner: null, fence: fence + 1 })
}

async function storeEnd(changes: Changes, deps: RunDeps, state: RunState, error: RuntimeError): Promise<void> {
  const { runId, turnId } = state.taken
  changes.runId = runId
  changes.turnId = turnId
  changes.workedMs = Math.round(deps.clock.monotonic() - state.startedAt)
  const { partial } = state
  if (partial) {
    deps.drafts.done(partial.messageId)
    // Whatever was known of it: a transaction that had removed it may have been rolled back.
    await changes.tx.drafts.remove(partial.messageId)
  }
  if (partial && partial.text !== '') {
    await changes.appendMessage({
      id: partial.messageId,
      role: 'assistant',
      parts: [{ type: 'text', text: partial.text }],
      agent: partial.agent,
      status: 'interrupted',
    })
  }
  const stopped = error.code === 'cancelled' || error.code === 'session_deleted'
  const outcome = stopped
    ? 'cancelled'
    : error.code === 'interrupted' || error.code === 'lease_lost'
      ? 'interrupted'
      : 'failed'
  await endRun(changes, runId, {
    outcome,
    error: {
      code: error.code,
      text: error.code === 'internal' ? 'Internal server error' : error.message,
      ...(error.details.retryAfterMs === undefined ? {} : { retryAfterMs: error.details.retryAfterMs }),
    },
  })
  const turn = await changes.tx.turns.get(turnId)
  if (turn) await endTurn(changes, turn, outcome)
}
