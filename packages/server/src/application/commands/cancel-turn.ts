import { closeOpenCalls, endTurn } from '../inputs/turn-rows.ts'
import type { Clock } from '../ports/clock.ts'
import type { Ids } from '../ports/ids.ts'
import type { UnitOfWork } from '../ports/store.ts'
import type { Channels } from '../readers/channels.ts'
import { stopReason } from '../replicas/owned-session.ts'
import type { ActiveRuns } from '../run/active-runs.ts'
import { Changes } from '../run/changes.ts'
import { requireSession, type SessionRef } from '../sessions.ts'

export interface CancelledTurn {
  readonly cancelled: boolean
  readonly turnId: string | null
}

/** Stops what runs or waits: the model call is aborted, open calls get the result `cancelled`. Stored before it acts. Throws `not_found`. */
export function createCancelTurn(deps: {
  readonly store: UnitOfWork
  readonly clock: Clock
  readonly ids: Ids
  readonly channels: Channels
  readonly active: ActiveRuns
  /** Takes what waits in line of a session that has become free. */
  readonly advance: (sid: string) => void
}) {
  return async (command: SessionRef): Promise<CancelledTurn> => {
    const { sid, turnId, running, events } = await deps.store.transact(async (tx) => {
      const session = await requireSession(tx, command)
      const changes = new Changes(tx, session, deps.clock.now())
      const turn = session.turnId ? await tx.turns.get(session.turnId) : undefined
      if (!turn) return { sid: session.sid, turnId: null, running: false, events: [] }
      changes.add({ type: 'turn.cancelling', facts: {} })
      const runs = session.state === 'running'
      // Stored, since the run may be another replica's.
      if (runs) changes.set({ stop: 'cancelled' })
      else {
        await closeOpenCalls(changes, deps.ids, 'cancelled')
        await endTurn(changes, turn, 'cancelled')
        changes.set({ state: 'idle' })
      }
      return { sid: session.sid, turnId: turn.turnId, running: runs, events: await changes.store() }
    })
    deps.channels.publish(sid, events)
    if (running) deps.active.stop(sid, stopReason('cancelled'))
    // No run ends here that would do it.
    else if (turnId !== null) deps.advance(sid)
    return { cancelled: turnId !== null, turnId }
  }
}
