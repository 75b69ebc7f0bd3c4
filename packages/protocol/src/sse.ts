/** JSON in which everything outside ASCII is `\u`-escaped. Some readers of event streams split lines at U+0085, U+2028 or U+2029
 *  and would lose the frame. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\u007f-\uffff]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/** One server-sent event, as shipped clients need it: `event: NAME`, `data: JSON` (one space, one line each), CRLF, a blank line. */
export function encodeFrame(event: string, data: unknown, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\r\n`}event: ${event}\r\ndata: ${asciiJson(data)}\r\n\r\n`
}

/** A comment that keeps a silent stream alive. */
export function encodePing(at: Date): string {
  return `: ping - ${at.toISOString().replace('T', ' ').replace('Z', '')}\r\n\r\n`
}

export interface SseEvent {
  readonly event: string
  readonly data: string
  readonly id: string | undefined
}

/** Reads server-sent events from pieces of text that may be cut anywhere. Throws RangeError when one event passes `maxBytes` characters. */
export class SseDecoder {
  readonly #maxBytes: number
  #rest = ''
  #event = ''
  #data: string[] = []
  #size = 0
  #id: string | undefined
  #skipLineFeed = false

  constructor(options: { maxBytes?: number } = {}) {
    this.#maxBytes = options.maxBytes ?? 32 * 1024 * 1024
  }

  /** The events that are complete after this piece. */
  push(piece: string): SseEvent[] {
    const events: SseEvent[] = []
    let start = 0
    if (this.#skipLineFeed && piece !== '') {
      if (piece.startsWith('\n')) start = 1
      this.#skipLineFeed = false
    }
    // What is left of earlier pieces has no line end: only the new one is looked at, or a long line would cost its square.
    for (let i = start; i < piece.length; i++) {
      const code = piece.charCodeAt(i)
      if (code !== 10 && code !== 13) continue
      this.#line(this.#rest + piece.slice(start, i), events)
      this.#rest = ''
      if (code === 13) {
        if (i + 1 === piece.length) this.#skipLineFeed = true
        else if (piece.charCodeAt(i + 1) === 10) i++
      }
      start = i + 1
    }
    this.#rest += piece.slice(start)
    if (this.#rest.length + this.#size > this.#maxBytes) throw new RangeError('event too long')
    return events
  }

  #line(line: string, events: SseEvent[]): void {
    if (line === '') {
      if (this.#data.length > 0) {
        events.push({ event: this.#event || 'message', data: this.#data.join('\n'), id: this.#id })
      }
      this.#event = ''
      this.#data = []
      this.#size = 0
      return
    }
    const colon = line.indexOf(':')
    if (colon === 0) return
    const field = colon < 0 ? line : line.slice(0, colon)
    let value = colon < 0 ? '' : line.slice(colon + 1)
    if (value.startsWith(' ')) value = value.slice(1)
    if (field === 'data') {
      this.#data.push(value)
      this.#size += value.length
    } else if (field === 'event') this.#event = value
    else if (field === 'id') this.#id = value
  }
}

/** The events of a response body. Ends with the body; throws what the body throws. */
export async function* readSse(body: ReadableStream<Uint8Array>): AsyncGenerator<SseEvent> {
  const decoder = new SseDecoder()
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader()
  try {
    while (true) {
      const { done, value } = await reader.read()
      if (done) return
      yield* decoder.push(value)
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
