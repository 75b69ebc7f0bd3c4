import type { SessionState } from '../../domain/session.ts'
import { isForClient } from '../../domain/tool-call.ts'
import type { UnitOfWork } from '../ports/store.ts'
import type { Channels } from '../readers/channels.ts'
import { followSession, type ReaderPosition, type SessionFrame } from '../readers/follow-session.ts'
import { requireSession, type SessionRef } from '../sessions.ts'
import { type ShownCall, withPreviews } from './session-queries.ts'

/** How a session stands when a reader comes. */
export interface SessionNow {
  readonly lastSeq: number
  readonly state: SessionState | 'interrupted'
  /** Those that wait for their client or for a person. */
  readonly calls: readonly ShownCall[]
}

/** Follows a session from a position; without one, from now on. `left`: the reader has gone; `closing`: it gets what there is, then the end. Throws `not_found` before the first frame. */
export function createFollowEvents(deps: { readonly store: UnitOfWork; readonly channels: Channels }) {
  return async (
    ref: SessionRef,
    from: ReaderPosition | undefined,
    { left, closing }: { readonly left: AbortSignal; readonly closing: AbortSignal },
  ): Promise<{ readonly now: SessionNow; readonly frames: AsyncGenerator<SessionFrame> }> => {
    const { store, channels } = deps
    const { sid, now } = await store.read(async (tx) => {
      const session = await requireSession(tx, ref)
      const waiting = (await tx.calls.list(session.sid, 'open')).filter(isForClient)
      const calls = await withPreviews(tx, session.sid, waiting)
      const latest = session.state === 'idle' ? await tx.turns.latest(session.sid) : undefined
      const state = latest?.state === 'interrupted' ? ('interrupted' as const) : session.state
      return { sid: session.sid, now: { lastSeq: session.lastSeq, state, calls } }
    })
    async function* frames(): AsyncGenerator<SessionFrame> {
      const channel = channels.follow(sid)
      try {
        // A position of another database may lie ahead of all there is.
        const start = from && from.seq <= now.lastSeq ? from : { seq: now.lastSeq }
        yield* followSession({ channel, store, from: start, signal: left, closing })
      } finally {
        channels.unfollow(channel)
      }
    }
    return { now, frames: frames() }
  }
}
