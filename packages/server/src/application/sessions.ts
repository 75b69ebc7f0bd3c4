import { RuntimeError } from '../domain/errors.ts'
import type { Owner } from '../domain/owner.ts'
import type { Session } from '../domain/session.ts'
import type { Transaction } from './ports/store.ts'

/** Which session, and whose. */
export interface SessionRef extends Owner {
  /** The id that clients use. */
  readonly sessionId: string
}

/** Undefined: unknown, deleted, or somebody else's. */
export async function findSession(tx: Transaction, ref: SessionRef): Promise<Session | undefined> {
  const own = await tx.sessions.find(ref.ownerId, ref.sessionId)
  return own ?? (ref.seesAll ? await tx.sessions.findOnly(ref.sessionId) : undefined)
}

/** Throws `not_found`: unknown, deleted, or somebody else's. */
export async function requireSession(tx: Transaction, ref: SessionRef): Promise<Session> {
  const session = await findSession(tx, ref)
  if (!session) throw new RuntimeError('not_found', `Session ${ref.sessionId} not found`)
  return session
}
