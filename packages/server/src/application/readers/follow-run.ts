import { RuntimeError } from '../../domain/errors.ts'
import type { SessionEvent } from '../../domain/event.ts'
import { textOf } from '../../domain/message.ts'
import type { UnitOfWork } from '../ports/store.ts'
import type { Channel } from './channels.ts'

/** What the reader of a run gets, in order. Text and reasoning are pieces of the message that is being written. */
export type RunFrame =
  | { readonly kind: 'event'; readonly event: SessionEvent }
  | { readonly kind: 'text'; readonly messageId: string; readonly text: string }
  | { readonly kind: 'reasoning'; readonly messageId: string; readonly text: string }
  | { readonly kind: 'queued'; readonly position: number }

export interface Follow {
  readonly channel: Channel
  readonly store: UnitOfWork
  readonly runId: string
  /** The last event before the run's first. */
  readonly afterSeq: number
  readonly previews: boolean
  /** Another replica works on it. */
  readonly remote: boolean
  readonly signal: AbortSignal
  /** Called once the reader is gone. */
  readonly left: () => void
}

const pageSize = 200

/** The events of one run up to its end, with the deltas between them: from the store what is past, from the channel what comes. Leaving
 *  costs the run nothing. Ends early when the signal fires. */
export async function* followRun(follow: Follow): AsyncGenerator<RunFrame> {
  const { channel, store, runId, signal } = follow
  const cursor = new PreviewCursor(runId)
  let seq = follow.afterSeq
  using waiter = channel.waiter(signal)
  using _ = { [Symbol.dispose]: follow.left }
  while (!signal.aborted) {
    const { version } = channel
    const events = channel.after(seq) ?? (await store.read((tx) => tx.log.readAfter(channel.sid, seq, pageSize)))
    for (const event of events) {
      seq = event.seq
      if (event.runId !== runId) continue
      if (follow.previews) {
        for (const frame of follow.remote ? cursor.restOf(event) : cursor.before(event, channel)) yield frame
      }
      yield { kind: 'event', event }
      if (event.type === 'run.ended') return
    }
    if (channel.movedRun === runId) throw movedAway()
    // Not `yield*`: over a plain generator it makes three promises of each frame.
    if (follow.previews) for (const frame of cursor.advance(channel)) yield frame
    if (events.length < pageSize && !cursor.behind(channel, follow.previews)) await waiter.changed(version)
  }
}

function movedAway(): RuntimeError {
  return new RuntimeError('shutting_down', 'The server is shutting down; the answer goes on elsewhere', {
    details: { hint: 'Send the same request again, or read the session: nothing is lost.', retryAfterMs: 5_000 },
  })
}

/** How much of the open message this reader has. */
class PreviewCursor {
  readonly #runId: string
  #messageId = ''
  #text = 0
  #reasoning = 0

  constructor(runId: string) {
    this.#runId = runId
  }

  *advance(channel: Channel): Generator<RunFrame> {
    const preview = channel.preview
    if (preview?.runId !== this.#runId) return
    if (preview.messageId !== this.#messageId) {
      this.#messageId = preview.messageId
      this.#text = 0
      this.#reasoning = 0
    }
    if (preview.reasoning.length > this.#reasoning) {
      const text = preview.reasoning.slice(this.#reasoning)
      this.#reasoning = preview.reasoning.length
      yield { kind: 'reasoning', messageId: preview.messageId, text }
    }
    if (preview.text.length > this.#text) {
      const text = preview.text.slice(this.#text)
      this.#text = preview.text.length
      yield { kind: 'text', messageId: preview.messageId, text }
    }
  }

  /** The rest of a message goes out as a delta before the message itself: a reader of deltas has it whole. */
  *before(event: SessionEvent, channel: Channel): Generator<RunFrame> {
    if (event.type === 'message.created' && channel.preview?.messageId === event.facts.messageId)
      yield* this.advance(channel)
  }

  /** The rest of an answer that another replica wrote: of its end nobody here saw a preview. */
  *restOf(event: SessionEvent): Generator<RunFrame> {
    if (event.type !== 'message.created' || event.facts.role !== 'assistant' || !event.message) return
    const { messageId } = event.facts
    const has = messageId === this.#messageId ? this.#text : 0
    const text = textOf(event.message.parts).slice(has)
    this.#messageId = messageId
    this.#text = has + text.length
    if (text !== '') yield { kind: 'text', messageId, text }
  }

  behind(channel: Channel, previews: boolean): boolean {
    const preview = channel.preview
    if (!previews || preview?.runId !== this.#runId) return false
    if (preview.messageId !== this.#messageId) return preview.text !== '' || preview.reasoning !== ''
    return preview.text.length > this.#text || preview.reasoning.length > this.#reasoning
  }
}
