import type { LanguageModelV4StreamPart, LanguageModelV4Usage, SharedV4ProviderMetadata } from '@ai-sdk/provider'
import type { FinishReason, ModelEvent, Usage } from '../../../application/ports/language-model.ts'
import { cleanText, TextCleaner } from '../upstream/clean-text.ts'
import { answerTooLong, badResponse, incomplete } from '../upstream/failure.ts'
import { type Addressee, toOpaque } from '../upstream/opaque.ts'
import { failureOfSdk } from './failure.ts'

/** Turns the stream parts of one answer into model events. What a provider attaches to a block, at its start, in a delta or at its end,
 *  becomes the opaque value of that part. */
export class PartReader {
  readonly #from: Addressee
  readonly #answerBytes: number
  readonly #cleaner = new TextCleaner()
  readonly #calls = new Map<string, number>()
  #metadata: SharedV4ProviderMetadata = {}
  #bytes = 0
  #model: string | undefined
  #finished = false

  constructor(from: Addressee, answerBytes: number) {
    this.#from = from
    this.#answerBytes = answerBytes
  }

  get finished(): boolean {
    return this.#finished
  }

  read(part: LanguageModelV4StreamPart): ModelEvent[] {
    switch (part.type) {
      case 'text-start':
      case 'reasoning-start':
        this.#metadata = {}
        this.#attach(part.providerMetadata)
        return []
      case 'text-delta':
      case 'reasoning-delta':
        this.#attach(part.providerMetadata)
        return this.#delta(part.type, this.#cleaner.clean(part.delta))
      case 'text-end':
        return [...this.#delta('text-delta', this.#cleaner.end()), ...this.#end('text-end', part.providerMetadata)]
      case 'reasoning-end':
        return [
          ...this.#delta('reasoning-delta', this.#cleaner.end()),
          ...this.#end('reasoning-end', part.providerMetadata),
        ]
      case 'tool-input-start':
        if (part.providerExecuted) return []
        return [
          {
            type: 'tool-call-delta',
            index: this.#indexOf(part.id),
            tool: cleanText(part.toolName),
            argumentsDelta: '',
          },
        ]
      case 'tool-input-delta': {
        const index = this.#calls.get(part.id)
        this.#count(part.delta)
        return index === undefined ? [] : [{ type: 'tool-call-delta', index, argumentsDelta: cleanText(part.delta) }]
      }
      case 'tool-call':
        return part.providerExecuted ? [] : [this.#call(part)]
      case 'response-metadata':
        this.#model = part.modelId === undefined ? this.#model : cleanText(part.modelId)
        return []
      case 'finish':
        return this.#finish(part)
      case 'error':
        throw failureOfSdk(this.#from.provider, part.error, 'answering')
      default:
        return []
    }
  }

  #delta(type: 'text-delta' | 'reasoning-delta', text: string): ModelEvent[] {
    this.#count(text)
    return text === '' ? [] : [{ type, text }]
  }

  #end(type: 'text-end' | 'reasoning-end', metadata: SharedV4ProviderMetadata | undefined): ModelEvent[] {
    this.#attach(metadata)
    const attached = this.#metadata
    this.#metadata = {}
    return Object.keys(attached).length === 0 ? [{ type }] : [{ type, opaque: toOpaque(this.#from, attached) }]
  }

  #call(part: Extract<LanguageModelV4StreamPart, { type: 'tool-call' }>): ModelEvent {
    if (!this.#calls.has(part.toolCallId)) this.#count(part.input)
    return {
      type: 'tool-call',
      callId: cleanText(part.toolCallId),
      tool: cleanText(part.toolName),
      argumentsJson: part.input.trim() === '' ? '{}' : cleanText(part.input),
      ...(part.providerMetadata ? { opaque: toOpaque(this.#from, part.providerMetadata) } : {}),
    }
  }

  #finish(part: Extract<LanguageModelV4StreamPart, { type: 'finish' }>): ModelEvent[] {
    const reason = part.finishReason.unified
    if (reason === 'interrupted') throw incomplete({ retry: false })
    if (reason === 'error') throw badResponse('upstream reported an error', part.finishReason.raw)
    this.#finished = true
    const finish: { type: 'finish'; reason: FinishReason } = { type: 'finish', reason }
    const usage: ModelEvent = { type: 'usage', usage: toUsage(part.usage) }
    return [usage, this.#model === undefined ? finish : { ...finish, model: this.#model }]
  }

  #attach(metadata: SharedV4ProviderMetadata | undefined): void {
    for (const [provider, values] of Object.entries(metadata ?? {})) {
      this.#metadata[provider] = { ...this.#metadata[provider], ...values }
    }
  }

  #indexOf(id: string): number {
    const known = this.#calls.get(id)
    if (known !== undefined) return known
    const index = this.#calls.size
    this.#calls.set(id, index)
    return index
  }

  #count(text: string): void {
    this.#bytes += Buffer.byteLength(text)
    if (this.#bytes > this.#answerBytes) throw answerTooLong(this.#answerBytes)
  }
}

function toUsage(usage: LanguageModelV4Usage): Usage {
  return {
    inputTokens: usage.inputTokens.total ?? 0,
    cachedTokens: usage.inputTokens.cacheRead ?? 0,
    outputTokens: usage.outputTokens.total ?? 0,
    reasoningTokens: usage.outputTokens.reasoning ?? 0,
  }
}
