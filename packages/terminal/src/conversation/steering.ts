import type { StreamFrame } from '@codelab/protocol'
import type { TurnEnd } from './events.ts'
import { failureOfAnswer, failureOfFrame, isAnswer } from './failures.ts'
import type { ConversationParts } from './parts.ts'

/** What became of a message that was sent while a turn ran. */
export type SteeringEnd = 'entered' | 'own' | 'dropped'

const maxFrames = 4096
/** A turn that goes on this long after the message had its first answer has taken it in. */
const surelyEnteredMs = 400
/** How long the two streams of one turn may be apart at their end. */
const lastFramesMs = 1000

/** A message on its way into the turn that runs. The answer comes in the turn's own stream; only where the turn was over already is it this one's. */
export class Steering {
  readonly text: string
  readonly #abort = new AbortController()
  readonly #parts: ConversationParts
  #frames: StreamFrame[] = []
  #wake: () => void = () => undefined
  #isOver = false
  #error: unknown
  #wasQueued = false
  #isTurnOver = false
  #end: SteeringEnd | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(parts: ConversationParts, sessionId: string, text: string) {
    this.#parts = parts
    this.text = text
    this.#read(sessionId).catch(() => undefined)
  }

  /** Takes it back, as far as the server has not taken it in. */
  drop(reason?: string): void {
    if (this.#end) return
    this.#settle('dropped')
    this.#abort.abort()
    this.#parts.show({ type: 'steer.dropped', text: this.text, reason })
  }

  /** Called when the turn has ended: whether it had taken the message in. */
  async end(turn: Pick<TurnEnd, 'outcome' | 'answer'>): Promise<SteeringEnd> {
    this.#isTurnOver = true
    if (this.#end) return this.#end
    if (turn.outcome === 'cancelled' || turn.outcome === 'stopped') {
      this.drop()
      return 'dropped'
    }
    const limit = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(lastFramesMs)])
    const timeout = new Promise<void>((resolve) => limit.addEventListener('abort', () => resolve(), { once: true }))
    while (!this.#isOver && !limit.aborted) await Promise.race([timeout, this.#more()])
    if (this.#end) return this.#end
    const refusal = this.#isOver ? this.#refusal() : undefined
    if (refusal !== undefined) {
      this.drop(refusal)
      return 'dropped'
    }
    if (this.#hasEntered(turn.answer)) {
      if (!this.#timer) this.#parts.show({ type: 'steer.taken', text: this.text })
      this.#enter()
    } else this.#settle('own')
    return this.#end ?? 'own'
  }

  /** What came and what comes; for a message that became a turn of its own. */
  async *frames(): AsyncGenerator<StreamFrame> {
    for (let next = 0; ; ) {
      const frame = this.#frames[next]
      if (frame) {
        next++
        yield frame
      } else if (this.#isOver) break
      else await this.#more()
    }
    if (this.#error !== undefined) throw this.#error
  }

  async #read(sessionId: string): Promise<void> {
    const message = { type: 'user_message', content: this.text }
    const options = { signal: this.#abort.signal, onBusy: 'steer' } as const
    try {
      for await (const frame of this.#parts.link.client.stream(sessionId, message, options)) {
        if (frame.event === 'message' && frame.data.type === 'queued') this.#wasQueued = true
        else this.#take(frame)
        this.#wake()
      }
    } catch (error) {
      this.#error = error
    } finally {
      this.#isOver = true
      this.#wake()
    }
  }

  #take(frame: StreamFrame): void {
    if (this.#wasQueued && frame.event === 'message' && !this.#timer && !this.#isTurnOver) {
      this.#parts.show({ type: 'steer.taken', text: this.text })
      this.#timer = setTimeout(() => this.#enter(), surelyEnteredMs)
    }
    if (this.#frames.length < maxFrames) this.#frames.push(frame)
  }

  #enter(): void {
    if (this.#end) return
    this.#settle('entered')
    // Leaving the stream does not stop the turn; it is read by whoever began it.
    this.#abort.abort()
  }

  #settle(end: SteeringEnd): void {
    clearTimeout(this.#timer)
    this.#end = end
  }

  /** Whether what came here was the turn's: it began while the turn ran, or it ended with the turn's own answer. */
  #hasEntered(answer: string | undefined): boolean {
    if (!this.#wasQueued) return false
    const said = this.#said()
    if (this.#isOver && said !== undefined) return said === answer
    return this.#timer !== undefined
  }

  #refusal(): string | undefined {
    if (this.#frames.some(({ event }) => event === 'message')) return undefined
    const refused = this.#frames.find(({ event }) => event === 'error')
    if (refused?.event === 'error') return failureOfFrame(refused.data).message
    if (this.#error === undefined) return undefined
    return isAnswer(this.#error) ? failureOfAnswer(this.#error).message : 'the connection was lost'
  }

  #said(): string | undefined {
    const last = this.#frames.findLast(({ event, data }) => event === 'message' && data.type === 'assistant_message')
    return last?.event === 'message' && last.data.type === 'assistant_message' ? last.data.content : undefined
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      const before = this.#wake
      this.#wake = () => {
        this.#wake = () => undefined
        before()
        resolve()
      }
    })
  }
}
