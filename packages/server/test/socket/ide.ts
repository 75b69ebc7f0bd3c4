import { once } from 'node:events'
import { WebSocket } from 'ws'

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

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('error', () => {})
    socket.on('message', (data) => {
      this.frames.push(checked(JSON.parse(data.toString())))
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

  leave(): void {
    this.#socket.close()
  }

  [Symbol.dispose](): void {
    this.#socket.terminate()
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
      while (!isSo()) {
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

const texts = ['content', 'token', 'call_id', 'tool_name', 'error', 'from_agent', 'to_agent', 'reason', 'confidence']
const objects = ['arguments', 'result', 'metadata']
const booleans = ['is_final', 'requires_approval']

/** A field of another type makes the IDE drop the frame without a word. */
function checked(frame: Frame): Frame {
  const fault = (name: string) => new Error(`${name} has another type: ${JSON.stringify(frame)}`)
  if (typeof frame.type !== 'string') throw fault('type')
  for (const name of texts) if (name in frame && typeof frame[name] !== 'string') throw fault(name)
  for (const name of booleans) if (name in frame && typeof frame[name] !== 'boolean') throw fault(name)
  for (const name of objects) {
    const value = frame[name]
    if (name in frame && (typeof value !== 'object' || value === null || Array.isArray(value))) throw fault(name)
  }
  if (frame.type === 'tool_call' && Object.keys(frame['arguments'] as object).length === 0) throw fault('arguments')
  return frame
}
