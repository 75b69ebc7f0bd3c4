import { createParser } from 'eventsource-parser'
import { answerTooLong, badResponse, incomplete } from '../upstream/failure.ts'
import type { Answer } from './answer.ts'
import { readCompletion } from './completion.ts'
import { ContentTemplate } from './content-template.ts'
import { readChunk } from './stream-chunk.ts'

/** JSON may write one character of two bytes as six. */
const escapedSize = 3
const envelope = 64 * 1024

/** Reads a response body, as text, into an answer. Whether it is a stream or one JSON body is told by its first character: servers
 *  answer a request for a stream with JSON, one for JSON with a stream, and either under a wrong content type. */
export class BodyReader {
  readonly #answer: Answer
  readonly #provider: string
  readonly #answerBytes: number
  readonly #most: number
  #form: 'unknown' | 'json' | 'events' = 'unknown'
  #json: string[] = []
  #jsonLength = 0
  #data: string[] = []
  readonly #template = new ContentTemplate()
  #chunks = 0
  #done = false
  #overflow = false
  readonly #parser

  constructor(answer: Answer, provider: string, answerBytes: number) {
    this.#answer = answer
    this.#provider = provider
    this.#answerBytes = answerBytes
    this.#most = answerBytes * escapedSize + envelope
    this.#parser = createParser({
      maxBufferSize: this.#most,
      onEvent: (event) => this.#data.push(event.data),
      onError: (error) => {
        this.#overflow ||= error.type === 'max-buffer-size-exceeded'
      },
    })
  }

  /** The stream said `[DONE]`. */
  get done(): boolean {
    return this.#done
  }

  add(text: string): void {
    if (this.#form === 'unknown' && !this.#tellForm(text)) return
    if (this.#form === 'json') {
      this.#jsonLength += text.length
      if (this.#jsonLength > this.#most) throw answerTooLong(this.#answerBytes)
      this.#json.push(text)
      return
    }
    this.#parser.feed(text)
    this.#readData('whole')
    if (this.#overflow) throw answerTooLong(this.#answerBytes)
  }

  /** The body is at its end. Throws when what came is no complete answer. */
  end(): void {
    if (this.#form === 'json') {
      readCompletion(parse(this.#json.join(''), 'whole'), this.#answer, this.#provider)
      return
    }
    this.#parser.feed('\n\n')
    this.#readData('cut')
    if (this.#done || this.#answer.finished) return
    if (this.#chunks === 0) throw badResponse('upstream sent an empty or unreadable answer')
    throw incomplete({ retry: false })
  }

  #tellForm(text: string): boolean {
    const first = text.trimStart()[0]
    if (first === undefined) return false
    if (first === '<') throw badResponse('upstream sent HTML instead of an answer', text)
    this.#form = first === '{' || first === '[' ? 'json' : 'events'
    return true
  }

  #readData(state: 'whole' | 'cut'): void {
    for (const data of this.#data) {
      if (this.#done) break
      this.#read(data, state)
    }
    this.#data.length = 0
  }

  /** Some servers end each event with an empty `data` line, or send events that hold nothing. */
  #read(data: string, state: 'whole' | 'cut'): void {
    const text = this.#template.textOf(data)
    if (text !== undefined) {
      this.#chunks += 1
      this.#answer.addText(text)
    } else if (data.startsWith('[DONE]')) {
      if (this.#chunks === 0) throw badResponse('upstream sent an empty or unreadable answer')
      this.#done = true
    } else if (data.trim() !== '') {
      const chunk = parse(data, state)
      this.#chunks += 1
      readChunk(chunk, this.#answer, this.#provider)
      this.#template.learn(data, chunk)
    }
  }
}

/** What is cut off at the end of the body does not parse, and that is not the fault to report. */
function parse(text: string, state: 'whole' | 'cut'): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw state === 'cut' ? incomplete({ retry: false }) : badResponse('upstream sent an answer that is not JSON', text)
  }
}
