import type { ServerResponse } from 'node:http'
import { encodeFrame, encodePing } from '@codelab/protocol'

export interface SseWriterOptions {
  readonly heartbeatMs: number
  readonly drainMs: number
  /** The client closes the connection itself after this answer. */
  readonly closes: boolean
}

export type LastFrames = readonly (readonly [event: string, data: unknown])[]

/** The head waits so long for the first frame, to leave with it in one write. Milliseconds. */
const headMs = 2

/** Frames of one tick leave in one write; beyond this they leave at once. */
const batchLimit = 64 * 1024

/** Given, since making the default one costs more than a frame. */
const leftReason = new Error('The reader has left')

/** Writes server-sent events, byte for byte as PROTOCOL 3.2 and 3.3 have them. The head goes out with the first frame, or
 *  by itself when there is none yet. A full socket gets nothing until it drains; one that does not drain in `drainMs` is cut. */
export class SseWriter {
  readonly #response: ServerResponse
  readonly #drainMs: number
  readonly #heartbeat: NodeJS.Timeout
  readonly #left = new AbortController()
  #batch = ''
  #head: NodeJS.Timeout | undefined
  #flush: NodeJS.Immediate | undefined
  #drained: Promise<void> | undefined
  #ended = false

  constructor(response: ServerResponse, options: SseWriterOptions) {
    this.#response = response
    this.#drainMs = options.drainMs
    this.#heartbeat = setInterval(() => this.#ping(), options.heartbeatMs).unref()
    response.on('error', () => this.#left.abort(leftReason))
    response.once('close', () => this.#close())
    // A client that left before its answer began: nothing will say so any more.
    if (response.destroyed) this.#close()
    else this.#begin(options.closes)
  }

  /** Fires when nobody reads any more, whoever ended it. */
  get left(): AbortSignal {
    return this.#left.signal
  }

  /** A promise that resolves when there is room for the next frame; undefined: there is, or nobody reads. */
  write(event: string, data: unknown, id?: string): Promise<void> | undefined {
    if (this.#ended || this.#left.signal.aborted) return undefined
    this.#batch += encodeFrame(event, data, id)
    if (!this.#drained) {
      if (this.#batch.length >= batchLimit) this.#send()
      else this.#flush ??= setImmediate(() => this.#send())
    }
    return this.#drained
  }

  /** These frames, then the end. */
  finish(last: LastFrames): void {
    for (const [event, data] of last) void this.write(event, data)
    this.end()
  }

  /** Sends what is left and ends the answer. */
  end(): void {
    if (this.#ended || this.#left.signal.aborted) return
    this.#ended = true
    clearInterval(this.#heartbeat)
    if (this.#flush) clearImmediate(this.#flush)
    clearTimeout(this.#head)
    // The last frames and the end of the answer leave together.
    this.#response.end(this.#batch)
    this.#batch = ''
  }

  /** Ends the connection without a further byte. */
  cut(): void {
    this.#response.destroy()
  }

  #begin(closes: boolean): void {
    this.#response.writeHead(200, {
      'cache-control': 'no-cache',
      connection: closes ? 'close' : 'keep-alive',
      'x-accel-buffering': 'no',
      'content-type': 'text/event-stream; charset=utf-8',
    })
    this.#head = setTimeout(() => this.#response.flushHeaders(), headMs)
  }

  #send(): void {
    if (this.#flush) clearImmediate(this.#flush)
    this.#flush = undefined
    if (this.#batch === '' || this.#left.signal.aborted) return
    const bytes = this.#batch
    this.#batch = ''
    clearTimeout(this.#head)
    this.#heartbeat.refresh()
    if (!this.#response.write(bytes)) this.#drained ??= this.#waitForDrain()
  }

  #waitForDrain(): Promise<void> {
    return new Promise((resolve) => {
      const settle = () => {
        clearTimeout(limit)
        this.#response.off('drain', settle)
        this.#left.signal.removeEventListener('abort', settle)
        this.#drained = undefined
        this.#send()
        resolve()
      }
      const limit = setTimeout(() => this.cut(), this.#drainMs).unref()
      this.#response.once('drain', settle)
      this.#left.signal.addEventListener('abort', settle, { once: true })
    })
  }

  #ping(): void {
    if (!this.#drained && !this.#left.signal.aborted) this.#response.write(encodePing(new Date()))
  }

  #close(): void {
    clearInterval(this.#heartbeat)
    clearTimeout(this.#head)
    if (this.#flush) clearImmediate(this.#flush)
    this.#left.abort(leftReason)
  }
}
