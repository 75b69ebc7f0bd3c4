import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { key } from './stage.ts'

/** A client that sees bytes. */
export class RawClient implements Disposable {
  readonly socket: Socket
  received = ''
  closed = false

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.received += text
    })
    socket.on('error', () => undefined)
    socket.once('close', () => {
      this.closed = true
    })
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    return new RawClient(socket)
  }

  /** Waits until what was received has the text. */
  async until(text: string): Promise<void> {
    while (!this.received.includes(text)) {
      if (this.closed) throw new Error(`closed before ${JSON.stringify(text)}: ${this.received.slice(-500)}`)
      await sleep(5)
    }
  }

  async untilClosed(): Promise<void> {
    while (!this.closed) await sleep(5)
  }

  /** What was received, cut into heads and bodies without their chunk sizes. */
  get answer(): { readonly head: string; readonly body: string } {
    const end = this.received.indexOf('\r\n\r\n')
    const head = this.received.slice(0, end)
    const rest = this.received.slice(end + 4)
    return { head, body: /transfer-encoding: chunked/i.test(head) ? withoutChunks(rest) : rest }
  }

  [Symbol.dispose](): void {
    this.socket.destroy()
  }
}

function withoutChunks(text: string): string {
  let body = ''
  let rest = text
  for (;;) {
    const end = rest.indexOf('\r\n')
    if (end < 0) return body
    const size = Number.parseInt(rest.slice(0, end), 16)
    if (!(size > 0)) return body
    body += rest.slice(end + 2, end + 2 + size)
    rest = rest.slice(end + 2 + size + 2)
  }
}

export function post(path: string, body: string, headers: readonly string[] = []): string {
  return [
    `POST ${path} HTTP/1.1`,
    'host: localhost',
    `x-internal-auth: ${key}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...headers,
    '',
    body,
  ].join('\r\n')
}

export function message(sessionId: string, content: string, client?: object): string {
  const body = JSON.stringify({ session_id: sessionId, message: { content }, ...(client ? { client } : {}) })
  return post('/agent/message/stream', body)
}
