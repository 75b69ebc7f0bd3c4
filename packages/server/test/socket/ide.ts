import { once } from 'node:events'
import { WebSocket } from 'ws'
import { checkFields, checkFrame } from '../conformance/decoding.ts'

export interface Frame {
  readonly type: string
  readonly [field: string]: unknown
}

const waitMs = 20_000

/** A client on a socket that is as strict about what it gets as the shipped IDE: it casts. */
export class Ide implements Disposable {
  readonly frames: Frame[] = []
  /** Code of the close, when it was closed. */
  closed: number | undefined
  readonly #socket: WebSocket
  #changed = Promise.withResolvers<void>()
  #read = 0
  /** It knows more than the shipped IDE: it said `hello`. */
  knowsAll = false
  #fault: Error | undefined

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('error', () => {})
    socket.on('message', (data) => {
      this.#take(data.toString())
      this.#wake()
    })
    socket.on('close', (code) => {
      this.closed = code
      this.#wake()
    })
  }

  /** Throws with the status when the handshake is refused. */
  static async open(
    url: string,
    headers: Readonly<Record<string, string>> = {},
    protocols: string[] = [],
  ): Promise<Ide> {
    const socket = new WebSocket(url.replace(/^http/, 'ws'), protocols, { headers })
    const refused = new Promise<never>((_, reject) => {
      socket.once('unexpected-response', (_request, response) => reject(new Error(`refused: ${response.statusCode}`)))
      socket.once('error', reject)
    })
    // Before it is open: a frame may come with the answer to the handshake.
    const ide = new Ide(socket)
    await Promise.race([once(socket, 'open'), refused])
    return ide
  }

  /** As the IDE sends it: all fifteen keys, those without a value as null. */
  send(frame: Readonly<Record<string, unknown>>): void {
    if (frame['type'] === 'hello') this.knowsAll = true
    this.sendText(JSON.stringify({ ...nothing, ...frame }))
  }

  sendText(text: string | Buffer): void {
    this.#socket.send(text)
  }

  say(content: string): void {
    this.send({ type: 'user_message', role: 'user', content })
  }

  /** The next frame that was not read yet. */
  async next(): Promise<Frame> {
    await this.#until(() => this.frames.length > this.#read)
    const frame = this.frames[this.#read++]
    if (!frame) throw new Error('no frame')
    return frame
  }

  /** Reads on until there is one of this type. */
  async until(type: string): Promise<Frame> {
    for (;;) {
      const frame = await this.next()
      if (frame.type === type) return frame
    }
  }

  async closeCode(): Promise<number> {
    await this.#until(() => this.closed !== undefined)
    return this.closed ?? 0
  }

  /** Leaves its socket unread. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  leave(): void {
    this.#socket.close()
  }

  /** A frame that it cannot take fails the test, read or not. */
  [Symbol.dispose](): void {
    this.#socket.terminate()
    if (this.#fault) throw this.#fault
  }

  /** What is wrong with a frame the IDE never says: it drops the frame. */
  #take(text: string): void {
    const frame: Frame = JSON.parse(text)
    this.frames.push(frame)
    try {
      if (this.knowsAll) checkFields(frame)
      else checkFrame(frame)
    } catch (error) {
      this.#fault ??= new Error(`${text}: ${error}`, { cause: error })
    }
  }

  #wake(): void {
    this.#changed.resolve()
    this.#changed = Promise.withResolvers()
  }

  async #until(isSo: () => boolean): Promise<void> {
    const limit = setTimeout(
      () => this.#changed.reject(new Error(`nothing came: ${JSON.stringify(this.frames)}`)),
      waitMs,
    )
    try {
      for (;;) {
        if (this.#fault) throw this.#fault
        if (isSo()) return
        if (this.closed !== undefined) throw new Error(`closed with ${this.closed}: ${JSON.stringify(this.frames)}`)
        await this.#changed.promise
      }
    } finally {
      clearTimeout(limit)
    }
  }
}

const nothing = {
  type: null,
  content: null,
  role: null,
  is_final: null,
  call_id: null,
  tool_name: null,
  arguments: null,
  requires_approval: null,
  result: null,
  error: null,
  agent_type: null,
  from_agent: null,
  to_agent: null,
  reason: null,
  metadata: null,
}
