import type { Session } from '../../domain/session.ts'
import { createSessionRows } from '../inputs/take.ts'
import type { TakeDeps } from '../inputs/take-deps.ts'
import type { UnitOfWork } from '../ports/store.ts'

export type CreateSessionDeps = Pick<TakeDeps, 'clock' | 'ids' | 'agents'> & { readonly store: UnitOfWork }

/** Without an id the server makes one. Throws `session_exists`. */
export function createCreateSession(deps: CreateSessionDeps) {
  return async (command: { readonly ownerId: string; readonly sessionId?: string }): Promise<Session> => {
    const externalId = command.sessionId ?? deps.ids.session()
    return await deps.store.transact((tx) => createSessionRows(tx, deps, command.ownerId, externalId, deps.clock.now()))
  }
}
