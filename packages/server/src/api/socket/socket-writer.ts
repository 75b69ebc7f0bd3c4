import type { WebSocket } from 'ws'

export interface SocketWriterOptions {
  /** A ping this often; a peer that does not answer until the next one is cut. */
  readonly pingMs: number
  /** A peer whose socket takes nothing for this long is cut. */
  readonly drainMs: number
}

/** Beyond this a peer is not reading; the run goes on without it. */
const fullBytes = 1024 * 1024
const drainCheckMs = 50

/** Writes frames to one socket. A full one gets nothing until it drains, and is not read meanwhile: what it asks for would have no place. */
export class SocketWriter {
  readonly #socket: WebSocket
  readonly #drainMs: number
  readonly #ping: NodeJS.Timeout
  readonly #left = new AbortController()
  #answered = true
  #drained: Promise<void> | undefined

  constructor(socket: WebSocket, { pingMs, drainMs }: SocketWriterOptions) {
    this.#socket = socket
    this.#drainMs = drainMs
    // Behind what it sends at once its pong may be late.
    for (const sign of ['pong', 'message']) {
      socket.on(sign, () => {
        this.#answered = true
      })
    }
    socket.once('close', () => {
      clearInterval(this.#ping)
      this.#left.abort()
    })
    this.#ping = setInterval(() => this.#probe(), pingMs).unref()
  }

  /** Fires when nobody reads any more. */
  get left(): AbortSignal {
    return this.#left.signal
  }

  /** False when it could not be written: the peer has left. Resolves when there is room for the next frame. */
  async write(frame: object): Promise<boolean> {
    while (this.#isFull) await this.#room()
    if (this.#left.signal.aborted || this.#socket.readyState !== this.#socket.OPEN) return false
    this.#socket.send(JSON.stringify(frame))
    if (this.#isFull) await this.#room()
    return true
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  get #isFull(): boolean {
    return this.#socket.bufferedAmount > fullBytes && !this.#left.signal.aborted
  }

  #room(): Promise<void> {
    this.#drained ??= this.#drain().finally(() => {
      this.#drained = undefined
    })
    return this.#drained
  }

  async #drain(): Promise<void> {
    const until = performance.now() + this.#drainMs
    this.#socket.pause()
    while (this.#isFull) {
      if (performance.now() > until) this.#socket.terminate()
      await new Promise((resolve) => setTimeout(resolve, drainCheckMs))
    }
    this.#socket.resume()
  }

  /** A socket that is not read cannot be heard to answer. */
  #probe(): void {
    if (this.#drained) return
    if (this.#answered) this.#socket.ping()
    else this.#socket.terminate()
    this.#answered = false
  }
}
