import { RuntimeError } from '../../domain/errors.ts'
import type { AssistantPart, Opaque } from '../../domain/message.ts'
import { cleanText } from '../../domain/text.ts'
import type { FinishReason, ModelAnswer, ModelEvent, Usage } from '../ports/language-model.ts'

type OpenPart = { readonly type: 'text' | 'reasoning'; pieces: string[] }

/** Puts the events of a model together into the parts of a message, in their order. */
export class AnswerCollector {
  readonly #parts: AssistantPart[] = []
  #open: OpenPart | undefined
  #usage: Usage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0 }
  #reason: FinishReason | undefined
  #model: string | undefined
  #attempts = 1

  add(event: ModelEvent): void {
    switch (event.type) {
      case 'text-delta':
        this.#append('text', event.text)
        break
      case 'reasoning-delta':
        this.#append('reasoning', event.text)
        break
      case 'text-end':
        this.#close('text', event.opaque)
        break
      case 'reasoning-end':
        this.#close('reasoning', event.opaque)
        break
      case 'tool-call': {
        this.#closeOpen()
        const { callId, tool, argumentsJson, opaque } = event
        this.#parts.push({ type: 'tool-call', callId, tool, argumentsJson, ...(opaque ? { opaque } : {}) })
        break
      }
      case 'usage':
        this.#usage = event.usage
        break
      case 'finish':
        this.#reason = event.reason
        this.#model = event.model
        this.#attempts = event.attempts ?? 1
        break
      case 'tool-call-delta':
        break
    }
  }

  /** Throws `upstream_incomplete` when the model never said that it had finished. */
  finish(): ModelAnswer {
    if (!this.#reason) throw new RuntimeError('upstream_incomplete', 'LLM request failed: the answer ended too early')
    this.#closeOpen()
    return {
      parts: this.#parts,
      usage: this.#usage,
      reason: this.#reason,
      model: this.#model,
      attempts: this.#attempts,
      callsInText: false,
    }
  }

  /** The text so far, for an answer that was cut. */
  partialText(): string {
    this.#closeOpen()
    return this.#parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
  }

  #append(type: OpenPart['type'], text: string): void {
    if (this.#open?.type !== type) {
      this.#closeOpen()
      this.#open = { type, pieces: [] }
    }
    this.#open.pieces.push(text)
  }

  #close(type: OpenPart['type'], opaque: Opaque | undefined): void {
    if (this.#open?.type !== type) {
      this.#closeOpen()
      if (!opaque) return
      this.#open = { type, pieces: [] }
    }
    this.#closeOpen(opaque)
  }

  #closeOpen(opaque?: Opaque): void {
    if (!this.#open) return
    const text = cleanText(this.#open.pieces.join(''))
    if (text !== '' || opaque) this.#parts.push({ type: this.#open.type, text, ...(opaque ? { opaque } : {}) })
    this.#open = undefined
  }
}
