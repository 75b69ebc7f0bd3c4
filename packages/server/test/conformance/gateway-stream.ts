import { PythonLines } from './python-lines.ts'

/** Reads an answer of the runtime as the Gateway does, literally (CLIENTS 0 and 2, PROTOCOL 0): what it does not recognise is lost. */
export class GatewayStream {
  /** It reads nothing further. */
  ended = false
  readonly #lines = new PythonLines()
  readonly #decoder = new TextDecoder('utf-8')
  readonly #send: (frame: object) => void
  #event = ''

  constructor(send: (frame: object) => void) {
    this.#send = send
  }

  push(bytes: Uint8Array): void {
    for (const line of this.#lines.push(this.#decoder.decode(bytes, { stream: true }))) {
      if (this.ended) return
      this.#take(line)
    }
  }

  #take(line: string): void {
    if (line === '') this.#event = ''
    else if (line.startsWith('event: ')) this.#event = line.slice('event: '.length).trim()
    else if (line.startsWith('data: ')) this.#data(line.slice('data: '.length))
    if (this.#event === 'done') this.ended = true
  }

  #data(data: string): void {
    if (data === '[DONE]') {
      this.ended = true
      return
    }
    let value: unknown
    try {
      value = JSON.parse(data)
    } catch {
      return
    }
    if (Array.isArray(value) || typeof value !== 'object' || value === null) {
      this.ended = true
      this.#send({ type: 'error', content: "Streaming error: 'list' object has no attribute 'items'" })
      return
    }
    this.#send(this.#event === 'message' ? withoutTopNulls(value) : value)
  }
}

function withoutTopNulls(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null))
}
