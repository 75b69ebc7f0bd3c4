import type { SessionEvent } from '../../domain/event.ts'
import type { UnitOfWork } from '../ports/store.ts'
import type { Channel } from './channels.ts'

/** Where a reader stands: the last event it has, and how much of the message that was open then. */
export interface ReaderPosition {
  readonly seq: number
  readonly messageId?: string
  readonly offset?: number
}

/** What a reader of a session gets. A delta is a preview: no event, no number (DESIGN 5). */
export type SessionFrame =
  | { readonly kind: 'event'; readonly event: SessionEvent }
  | {
      readonly kind: 'delta'
      readonly seq: number
      readonly messageId: string
      /** Where in the message the text begins, in UTF-16 units. */
      readonly offset: number
      readonly text: string
    }
  /** The message is begun anew: forget what deltas had shown of it. */
  | { readonly kind: 'reset'; readonly seq: number; readonly messageId: string; readonly text: string }

const pageSize = 200

/** Every event of a session after a position, with the deltas between them: from the store what is past, from the channel what comes. Ends with
 *  the session, or when the signal fires. Any number of readers may follow; nobody waits for them. */
export async function* followSession(follow: {
  readonly channel: Channel
  readonly store: UnitOfWork
  readonly from: ReaderPosition
  readonly signal: AbortSignal
}): AsyncGenerator<SessionFrame> {
  const { channel, store, from, signal } = follow
  let seq = from.seq
  let messageId = from.messageId ?? ''
  let offset = from.offset ?? 0
  while (!signal.aborted) {
    const events = channel.after(seq) ?? (await store.read((tx) => tx.log.readAfter(channel.sid, seq, pageSize)))
    for (const event of events) {
      seq = event.seq
      yield { kind: 'event', event }
      if (event.type === 'session.deleted') return
    }
    if (events.length > 0) continue
    const preview = channel.preview
    if (preview && (preview.messageId !== messageId || preview.text.length !== offset)) {
      const text = preview.text
      const goesOn = preview.messageId === messageId && text.length > offset
      if (goesOn) yield { kind: 'delta', seq, messageId, offset, text: text.slice(offset) }
      else if (preview.messageId === messageId) yield { kind: 'reset', seq, messageId, text }
      else if (text !== '') yield { kind: 'delta', seq, messageId: preview.messageId, offset: 0, text }
      messageId = preview.messageId
      offset = text.length
      continue
    }
    await channel.changed(signal)
  }
}
