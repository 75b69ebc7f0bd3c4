import { asOfThen, isHydrated, type SessionEvent } from '../../domain/event.ts'
import { textOf } from '../../domain/message.ts'
import type { UnitOfWork } from '../ports/store.ts'
import type { Channel, Preview } from './channels.ts'

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

export interface SessionFollow {
  readonly channel: Channel
  readonly store: UnitOfWork
  readonly from: ReaderPosition
  /** The reader has left. */
  readonly signal: AbortSignal
  /** Nothing comes any more: it gets what there is, then the end. */
  readonly closing: AbortSignal
}

const pageSize = 200

/** Every event of a session after a position, with the deltas between them: from the store what is past, from the channel what comes. Ends with
 *  the session, or when a signal fires. Any number of readers may follow; nobody waits for them. */
export async function* followSession(follow: SessionFollow): AsyncGenerator<SessionFrame> {
  const { channel, signal, closing } = follow
  const open = new OpenMessage(follow.from)
  let { seq } = follow.from
  using waiter = channel.waiter(signal)
  while (!signal.aborted) {
    const { version } = channel
    const events = await eventsAfter(follow, seq)
    for (const event of events) {
      yield* open.before(event, seq)
      seq = event.seq
      yield { kind: 'event', event: asOfThen(event) }
      if (event.type === 'session.deleted') return
    }
    if (events.length > 0) continue
    const frame = open.next(channel.preview, seq)
    if (frame) yield frame
    // Also what was published while the store was asked.
    else if (channel.lastSeq > seq) continue
    else if (closing.aborted) return
    else await waiter.changed(version)
  }
}

/** What is published may lack what it points at; the store has it. */
async function eventsAfter({ channel, store }: SessionFollow, seq: number): Promise<readonly SessionEvent[]> {
  const live = channel.after(seq)
  if (live?.every(isHydrated)) return live
  return await store.read((tx) => tx.log.readAfter(channel.sid, seq, pageSize))
}

/** How much a reader has of the message that is being written. */
class OpenMessage {
  #id: string
  #length: number
  /** The message that is stored: its preview is shown no more. */
  #stored = ''

  constructor({ messageId = '', offset = 0 }: ReaderPosition) {
    this.#id = messageId
    this.#length = offset
  }

  /** The piece that this reader lacks; `seq` is the last event it has. */
  next(preview: Preview | undefined, seq: number): SessionFrame | undefined {
    if (!preview || preview.messageId === this.#stored) return undefined
    const { messageId, text } = preview
    // Another replica began it anew: what was shown of the first answer is not part of it.
    if (this.#length > 0 && messageId !== this.#id) return this.#gone(seq)
    const has = messageId === this.#id ? this.#length : 0
    if (text.length === has) return undefined
    this.#id = messageId
    this.#length = text.length
    if (text.length < has) return { kind: 'reset', seq, messageId, text }
    return { kind: 'delta', seq, messageId, offset: has, text: text.slice(has) }
  }

  #gone(seq: number): SessionFrame {
    const reset: SessionFrame = { kind: 'reset', seq, messageId: this.#id, text: '' }
    this.#id = ''
    this.#length = 0
    return reset
  }

  /** A message that was cut, or is gone: a reader of its deltas is told what is durable of it before it sees how it ended. */
  *before(event: SessionEvent, seq: number): Generator<SessionFrame> {
    const messageId = this.#id
    const ends = event.type === 'message.created' && event.facts.messageId === messageId
    if (event.type === 'message.created' && event.facts.role === 'assistant') this.#stored = event.facts.messageId
    if (messageId === '' || !(ends || event.type === 'run.ended')) return
    const text = ends && event.message ? textOf(event.message.parts) : ''
    const whole = ends && event.message?.status === 'complete' && text.length >= this.#length
    if (!whole && this.#length > 0) yield { kind: 'reset', seq, messageId, text }
    this.#id = ''
    this.#length = 0
  }
}
