import type { SessionEvent } from '../../domain/event.ts'
import type { Session } from '../../domain/session.ts'
import type { UnitOfWork } from '../ports/store.ts'
import { requireSession, type SessionRef } from '../sessions.ts'

export interface Timeline {
  readonly session: Session
  /** Oldest first, without texts. */
  readonly events: readonly SessionEvent[]
  /** Older ones are left out. */
  readonly cut: boolean
}

/** What happened in a session, from its log: the newest `limit` events. Throws `not_found`. */
export function createTimeline({ store }: { readonly store: UnitOfWork }) {
  return (ref: SessionRef, limit: number): Promise<Timeline> =>
    store.read(async (tx) => {
      const session = await requireSession(tx, ref)
      const events = await tx.maintenance.timeline(session.sid, limit)
      return { session, events, cut: session.lastSeq > events.length }
    })
}
