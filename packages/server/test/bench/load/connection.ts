import { connect, type Socket } from 'node:net'

export interface Arrived {
  readonly status: number
  readonly text: string
}

/** One HTTP connection, one request at a time, read by hand: node:http would cost more than what is measured. */
export class Connection {
  readonly #socket: Socket
  #text = ''
  #bodyFrom = -1
  /** Of the body; -1: it comes in chunks. */
  #length = -1
  #onText: ((piece: string) => void) | undefined
  #waiting: PromiseWithResolvers<Arrived> | undefined
  #tail = ''

  constructor(url: URL) {
    this.#socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
    this.#socket.on('data', (bytes) => this.#take(bytes.toString('latin1')))
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('close', () => this.#fail(new Error('the connection was closed')))
  }

  /** `onText` gets what arrives as it arrives, head and framing included. */
  send(bytes: string, onText?: (piece: string) => void): Promise<Arrived> {
    this.#waiting = Promise.withResolvers()
    this.#onText = onText
    this.#text = ''
    this.#tail = ''
    this.#bodyFrom = -1
    this.#length = -1
    this.#socket.write(bytes, 'utf8')
    return this.#waiting.promise
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(piece: string): void {
    this.#text += piece
    this.#tail = (this.#tail + piece).slice(-5)
    this.#onText?.(piece)
    if (this.#bodyFrom < 0 && !this.#readHead()) return
    const complete = this.#length >= 0 ? this.#text.length >= this.#bodyFrom + this.#length : this.#tail === '0\r\n\r\n'
    if (!complete) return
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.resolve({ status: Number(this.#text.slice(9, 12)), text: this.#text })
  }

  #readHead(): boolean {
    const end = this.#text.indexOf('\r\n\r\n')
    if (end < 0) return false
    this.#bodyFrom = end + 4
    const length = /\r\ncontent-length: (\d+)/i.exec(this.#text.slice(0, end + 2))?.[1]
    if (length !== undefined) this.#length = Number(length)
    return true
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error)
    this.#waiting = undefined
  }
}

export function requestBytes(url: URL, method: 'GET' | 'POST', path: string, headers: string, body = ''): string {
  const head = `${method} ${path} HTTP/1.1\r\nhost: ${url.host}\r\n${headers}`
  if (method === 'GET') return `${head}\r\n`
  return `${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}
