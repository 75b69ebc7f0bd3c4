import { RuntimeError } from '../domain/errors.ts'
import type { Session } from '../domain/session.ts'
import type { Transaction } from './ports/store.ts'

/** Which session, and whose. */
export interface SessionRef {
  readonly ownerId: string
  /** The id that clients use. */
  readonly sessionId: string
}

/** Throws `not_found`: unknown, deleted, or somebody else's. */
export async function requireSession(tx: Transaction, ref: SessionRef): Promise<Session> {
  const session = await tx.sessions.find(ref.ownerId, ref.sessionId)
  if (!session) throw new RuntimeError('not_found', `Session ${ref.sessionId} not found`)
  return session
}
