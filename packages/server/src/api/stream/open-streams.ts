import { setTimeout as sleep } from 'node:timers/promises'
import { RuntimeError } from '../../application/index.ts'
import { streamRefusal } from '../errors.ts'
import type { SseWriter } from './sse-writer.ts'

/** How long streams may take to write what they hold, and how long the last frames then have. */
const flushMs = 1_000

interface OpenStream {
  readonly writer: SseWriter
  readonly requestId: string
}

/** The streams that are being answered. The server waits for an open answer for ever, so they are ended before it closes. */
export class OpenStreams {
  readonly #open = new Set<OpenStream>()
  #idle = Promise.withResolvers<void>()

  /** Until its last byte is out, or its reader has left. */
  add(writer: SseWriter, requestId: string): void {
    const stream = { writer, requestId }
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
    for (const { writer, requestId } of this.#open) {
      const error = new RuntimeError('shutting_down', 'The server is shutting down', {
        details: { retryAfterMs: 5_000 },
      })
      void writer.write('error', streamRefusal(error, requestId))
      void writer.write('done', { status: 'completed' })
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
