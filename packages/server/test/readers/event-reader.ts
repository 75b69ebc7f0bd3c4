import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { SseDecoder } from '@codelab/protocol'
import { internalKey } from '../server-process.ts'

export interface EventFrame {
  readonly id: string | undefined
  readonly event: string
  /** The JSON as it came. */
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look into frames of every shape
  readonly data: any
}

export interface ReadFrom {
  readonly after?: string | number
  readonly lastEventId?: string
}

const waitMs = 30_000

/** A reader of `GET /sessions/{id}/events` on a socket of its own. */
export class EventReader implements Disposable {
  readonly frames: EventFrame[] = []
  /** Resolves when the connection is over, whoever ended it. */
  readonly over: Promise<void>
  readonly status: number
  readonly #response: IncomingMessage
  readonly #decoder = new SseDecoder()
  #wake: (() => void) | undefined
  #ended = false

  private constructor(response: IncomingMessage) {
    this.#response = response
    this.status = response.statusCode ?? 0
    const { promise, resolve } = Promise.withResolvers<void>()
    this.over = promise
    response.setEncoding('utf8').on('data', (piece: string) => {
      for (const { id, event, data } of this.#decoder.push(piece)) {
        this.frames.push({ id, event, text: data, data: JSON.parse(data) })
      }
      this.#wake?.()
    })
    response.on('error', () => undefined)
    response.once('close', () => {
      this.#ended = true
      this.#wake?.()
      resolve()
    })
  }

  static async open(base: string, sessionId: string, { after, lastEventId }: ReadFrom = {}): Promise<EventReader> {
    const query = after === undefined ? '' : `?after=${encodeURIComponent(after)}`
    const headers = { 'x-internal-auth': internalKey, ...(lastEventId ? { 'last-event-id': lastEventId } : {}) }
    const sent = request(`${base}/sessions/${sessionId}/events${query}`, { agent: false, headers })
    sent.end()
    const [response] = (await once(sent, 'response')) as [IncomingMessage]
    const reader = new EventReader(response)
    if (reader.status === 200) await reader.until(({ event }) => event === 'hello')
    return reader
  }

  /** Frames up to the first that `last` is true of. Throws when the stream ends before, or nothing comes in time. */
  async until(last: (frame: EventFrame) => boolean): Promise<readonly EventFrame[]> {
    const limit = performance.now() + waitMs
    for (let read = 0; ; ) {
      while (read < this.frames.length) {
        const frame = this.frames[read++]
        if (frame && last(frame)) return this.frames.slice(0, read)
      }
      if (this.#ended) throw new Error(`the stream ended:\n${this.#shown()}`)
      if (performance.now() > limit) throw new Error(`it did not come:\n${this.#shown()}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  /** Leaves its socket unread. */
  pause(): void {
    this.#response.pause()
  }

  resume(): void {
    this.#response.resume()
  }

  /** Id of the last frame that has one. */
  get lastId(): string {
    return this.frames.findLast(({ id }) => id !== undefined)?.id ?? '0'
  }

  [Symbol.dispose](): void {
    this.#response.destroy()
  }

  #shown(): string {
    return this.frames
      .slice(-10)
      .map(({ id, event, text }) => `${id} ${event} ${text.slice(0, 200)}`)
      .join('\n')
  }
}

/** The stored events among the frames. */
export function eventsOf(frames: readonly EventFrame[]): string[] {
  return frames
    .filter(({ id }) => id !== undefined && /^\d+$/.test(id))
    .map(({ id, event, text }) => `${id} ${event} ${text}`)
}

/** What the agents said, as one who applies every frame has it: deltas at their offset, replaced by a reset and by the message. */
export function saidIn(frames: readonly EventFrame[]): string[] {
  const texts = new Map<string, string>()
  for (const { event, data } of frames) {
    if (event === 'message.delta') {
      const before = texts.get(data.message_id) ?? ''
      if (before.length !== data.offset) throw new Error(`a delta at ${data.offset} of ${before.length}`)
      texts.set(data.message_id, before + data.text)
    }
    if (event === 'message.reset') texts.set(data.message_id, data.text)
    if (event === 'message.created' && data.role === 'assistant') texts.set(data.message_id, data.message.content)
  }
  return [...texts.values()]
}

export const isTurnEnd = ({ event }: EventFrame): boolean => event === 'turn.ended'
export const isDelta = ({ event }: EventFrame): boolean => event === 'message.delta'
