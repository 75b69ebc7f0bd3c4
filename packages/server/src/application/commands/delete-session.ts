import { RuntimeError } from '../../domain/errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { UnitOfWork } from '../ports/store.ts'
import type { Channels } from '../readers/channels.ts'
import type { ActiveRuns } from '../run/active-runs.ts'
import { requireSession, type SessionRef } from '../sessions.ts'

/** Soft: the rows stay, the id may come again. A run of it ends with `session_deleted`. Throws `not_found`. */
export function createDeleteSession(deps: {
  readonly store: UnitOfWork
  readonly clock: Clock
  readonly channels: Channels
  readonly active: ActiveRuns
}) {
  return async (command: SessionRef): Promise<void> => {
    const { sid, events } = await deps.store.transact(async (tx) => {
      const at = deps.clock.now()
      const session = await requireSession(tx, command)
      const appended = await tx.log.append(session.sid, at, [{ type: 'session.deleted', facts: {} }])
      await tx.sessions.remove(session.sid, at)
      return { sid: session.sid, events: appended }
    })
    deps.channels.publish(sid, events)
    deps.active.stop(sid, new RuntimeError('session_deleted', 'The session was deleted'))
  }
}
