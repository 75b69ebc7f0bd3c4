import { RuntimeError } from '../../domain/errors.ts'
import type { Session } from '../../domain/session.ts'
import type { Taken } from '../inputs/input.ts'
import type { Transaction } from '../ports/store.ts'

/** The session of a run, as long as the run may write to it. Throws `session_deleted`, `lease_lost`. */
export async function ownedSession(tx: Transaction, taken: Pick<Taken, 'sid' | 'fence'>): Promise<Session> {
  const session = await tx.sessions.get(taken.sid)
  if (!session || session.deleted) throw new RuntimeError('session_deleted', 'The session was deleted')
  if (session.fence !== taken.fence) throw leaseLost()
  return session
}

/** What somebody asked of a run, perhaps through another replica. */
export function refuseStopped(session: Session): void {
  if (session.stop !== null) throw stopReason(session.stop)
}

export function stopReason(stop: NonNullable<Session['stop']>): RuntimeError {
  return new RuntimeError('cancelled', stop === 'cancelled' ? 'Cancelled' : 'Interrupted by a newer message')
}

export function leaseLost(): RuntimeError {
  return new RuntimeError('lease_lost', 'Another replica has taken over the session')
}
