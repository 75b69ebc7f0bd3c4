import { Tally } from '../http/tally.ts'
import type { LastFrames, SseWriter } from './sse-writer.ts'

/** How long streams may take to write what they hold, and how long the last frames then have. */
const flushMs = 1_000

interface OpenStream {
  readonly writer: SseWriter
  /** What it is told when the server ends it. */
  readonly last: () => LastFrames
  /** Ends it by itself: one that follows a session has no end of its own. */
  readonly close?: () => void
}

/** The streams that are being answered. The server waits for an open answer for ever, so they are ended before it closes. */
export class OpenStreams {
  readonly #open = new Set<OpenStream>()
  readonly #tally = new Tally()
  #draining = false

  get size(): number {
    return this.#tally.size
  }

  /** Until its last byte is out, or its reader has left. */
  add(writer: SseWriter, end: Omit<OpenStream, 'writer'>): void {
    const stream = { writer, ...end }
    this.#open.add(stream)
    const leave = this.#tally.add()
    const remove = () => {
      this.#open.delete(stream)
      leave()
    }
    writer.left.addEventListener('abort', remove, { once: true })
    if (writer.left.aborted) remove()
    if (this.#draining) stream.close?.()
  }

  /** By now every run has ended: gives each stream a moment to say so, the rest their last frames, and cuts who does not read them. */
  async drain(): Promise<void> {
    this.#draining = true
    for (const { close } of this.#open) close?.()
    await this.#tally.empty(flushMs)
    for (const { writer, last } of this.#open) {
      writer.finish(last())
    }
    await this.#tally.empty(flushMs)
    for (const { writer } of this.#open) writer.cut()
  }
}
