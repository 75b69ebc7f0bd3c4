import { RuntimeError } from '../../domain/errors.ts'
import type { Session } from '../../domain/session.ts'
import { createSessionRows } from '../inputs/take.ts'
import type { TakeDeps } from '../inputs/take-deps.ts'
import type { UnitOfWork } from '../ports/store.ts'

export type CreateSessionDeps = Pick<TakeDeps, 'clock' | 'ids' | 'agents'> & { readonly store: UnitOfWork }

/** Without an id the server makes one. The same `repeatKey` again gives the same session. Throws `session_exists`,
 *  `idempotency_key_reused` for another id under the same key. */
export function createCreateSession(deps: CreateSessionDeps) {
  return async (command: {
    readonly ownerId: string
    readonly sessionId?: string
    readonly repeatKey?: string
  }): Promise<Session> => {
    const { ownerId, sessionId, repeatKey } = command
    return await deps.store.transact(async (tx) => {
      const earlier = repeatKey === undefined ? undefined : await tx.sessions.findCreated(ownerId, repeatKey)
      if (earlier && sessionId !== undefined && sessionId !== earlier.externalId) {
        throw new RuntimeError('idempotency_key_reused', 'This idempotency key was used for another session', {
          details: { hint: 'Create another session under a new key.' },
        })
      }
      if (earlier) return earlier
      const externalId = sessionId ?? deps.ids.session()
      return await createSessionRows(tx, deps, { ownerId, externalId, at: deps.clock.now(), createdKey: repeatKey })
    })
  }
}
