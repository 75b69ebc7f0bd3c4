import { setTimeout as sleep } from 'node:timers/promises'
import { RuntimeError } from '../../application/index.ts'
import { streamRefusal } from '../errors.ts'
import type { SseWriter } from './sse-writer.ts'

/** How long streams may take to write what they hold, and how long the last frames then have. */
const flushMs = 1_000

interface OpenStream {
  readonly writer: SseWriter
  /** What it is told when the server ends it. */
  readonly last: LastFrames
}

type LastFrames = readonly (readonly [event: string, data: unknown])[]

/** The streams that are being answered. The server waits for an open answer for ever, so they are ended before it closes. */
export class OpenStreams {
  readonly #open = new Set<OpenStream>()
  #idle = Promise.withResolvers<void>()

  get size(): number {
    return this.#open.size
  }

  /** Until its last byte is out, or its reader has left. */
  add(writer: SseWriter, requestId: string, last = lastFrames(requestId)): void {
    const stream = { writer, last }
    this.#open.add(stream)
    const remove = () => {
      this.#open.delete(stream)
      if (this.#open.size === 0) this.#idle.resolve()
    }
    writer.left.addEventListener('abort', remove, { once: true })
    if (writer.left.aborted) remove()
  }

  /** By now every run has ended: gives each stream a moment to say so, the rest their last frames, and cuts who does not read them. */
  async drain(): Promise<void> {
    await this.#wait()
    for (const { writer, last } of this.#open) {
      for (const [event, data] of last) void writer.write(event, data)
      writer.end()
    }
    await this.#wait()
    for (const { writer } of this.#open) writer.cut()
  }

  async #wait(): Promise<void> {
    if (this.#open.size === 0) return
    this.#idle = Promise.withResolvers()
    const limit = new AbortController()
    await Promise.race([
      this.#idle.promise,
      sleep(flushMs, undefined, { signal: limit.signal, ref: false }).catch(() => {}),
    ])
    limit.abort()
  }
}

function lastFrames(requestId: string): LastFrames {
  const error = new RuntimeError('shutting_down', 'The server is shutting down', { details: { retryAfterMs: 5_000 } })
  return [
    ['error', streamRefusal(error, requestId)],
    ['done', { status: 'completed' }],
  ]
}
