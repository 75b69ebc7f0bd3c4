import type { FinishReason, ModelEvent, Usage } from '../../../application/ports/language-model.ts'
import { cleanText, TextCleaner } from '../upstream/clean-text.ts'
import { answerTooLong } from '../upstream/failure.ts'
import { fieldsOf, textIn } from '../upstream/fields.ts'
import { type Addressee, toOpaque } from '../upstream/opaque.ts'
import type { ReasoningField, ReasoningOpaque } from './messages.ts'
import { ToolCallAssembler } from './tool-call-assembler.ts'

/** One answer while it is read: what the provider sent goes in, model events come out. Streamed or not, it is the same. */
export class Answer {
  readonly #from: Addressee
  readonly #answerBytes: number
  readonly #text = new TextCleaner()
  readonly #reasoning = new TextCleaner()
  readonly #calls: ToolCallAssembler
  #events: ModelEvent[] = []
  #bytes = 0
  #hasText = false
  #open: 'text' | 'reasoning' | undefined
  #reasoningField: ReasoningField | undefined
  #details: Record<string, unknown>[] = []
  #extra: unknown
  #usage: Usage | undefined
  #finish: FinishReason | undefined
  #model: string | undefined

  constructor(from: Addressee, answerBytes: number) {
    this.#from = from
    this.#answerBytes = answerBytes
    this.#calls = new ToolCallAssembler(from)
  }

  /** Whether the provider said that it is done. */
  get finished(): boolean {
    return this.#finish !== undefined
  }

  addText(piece: string): void {
    if (piece === '') return
    if (this.#open !== 'text') this.#closeReasoning()
    this.#open = 'text'
    const text = this.#text.clean(piece)
    if (text === '') return
    this.#count(text)
    this.#hasText = true
    this.#addDelta('text-delta', text)
  }

  addReasoning(field: ReasoningField, piece: string): void {
    if (piece === '') return
    if (this.#open === 'text') this.#closeText()
    this.#open = 'reasoning'
    this.#reasoningField = field
    const text = this.#reasoning.clean(piece)
    if (text === '') return
    this.#count(text)
    this.#addDelta('reasoning-delta', text)
  }

  /** `reasoning_details`: signatures and encrypted reasoning, in pieces that belong to the piece before when type and index agree. */
  addReasoningDetails(values: readonly unknown[]): void {
    for (const value of values) {
      const piece = fieldsOf<string>(value)
      const last = this.#details.at(-1)
      this.#count(textIn(piece['text']) + textIn(piece['summary']) + textIn(piece['data']))
      if (last === undefined || last['type'] !== piece['type'] || last['index'] !== piece['index']) {
        this.#details.push({ ...piece })
        continue
      }
      for (const [name, field] of Object.entries(piece)) {
        const joined = name === 'text' || name === 'summary' || name === 'data'
        if (field !== null) last[name] = joined ? textIn(last[name]) + textIn(field) : field
      }
    }
  }

  addToolCall(entry: unknown, form: 'delta' | 'whole' | 'legacy'): void {
    if (this.#open === 'text') this.#closeText()
    else this.#closeReasoning()
    const calls = this.#calls
    const progress =
      form === 'delta' ? calls.add(entry) : form === 'whole' ? calls.addWhole(entry) : calls.addLegacy(entry)
    if (progress?.type !== 'tool-call-delta') return
    this.#count(progress.argumentsDelta)
    this.#events.push(progress)
  }

  /** What the provider attached to the answer's text and wants back. */
  setExtra(extra: unknown): void {
    this.#extra = extra
  }

  setUsage(usage: Usage): void {
    this.#usage = usage
  }

  setFinish(reason: FinishReason): void {
    this.#finish = reason
  }

  setModel(model: string): void {
    if (this.#model === undefined && model !== '') this.#model = cleanText(model)
  }

  /** The events since the last time. */
  take(): readonly ModelEvent[] {
    const events = this.#events
    if (events.length > 0) this.#events = []
    return events
  }

  /** Closes the answer; its last events. A reason that the calls contradict is put right: some servers end a tool call with `stop`. */
  close(): readonly ModelEvent[] {
    this.#closeText()
    this.#closeReasoning()
    const calls = this.#calls.finish({ hasText: this.#hasText })
    this.#events.push(...calls)
    if (this.#usage !== undefined) this.#events.push({ type: 'usage', usage: this.#usage })
    const given = this.#finish ?? 'stop'
    const reason = given === 'stop' && calls.length > 0 ? 'tool-calls' : given
    this.#events.push({
      type: 'finish',
      reason: reason === 'tool-calls' && calls.length === 0 ? 'stop' : reason,
      ...(this.#model === undefined ? {} : { model: this.#model }),
    })
    return this.take()
  }

  #closeText(): void {
    const rest = this.#text.end()
    if (rest !== '') this.#events.push({ type: 'text-delta', text: rest })
    if (this.#extra !== undefined) this.#events.push({ type: 'text-end', opaque: toOpaque(this.#from, this.#extra) })
    this.#extra = undefined
    if (this.#open === 'text') this.#open = undefined
  }

  /** Closes what there is of reasoning, its text or only its details. */
  #closeReasoning(): void {
    if (this.#open !== 'reasoning' && this.#details.length === 0) return
    const rest = this.#reasoning.end()
    if (rest !== '') this.#events.push({ type: 'reasoning-delta', text: rest })
    const opaque: ReasoningOpaque = {
      ...(this.#reasoningField === undefined ? {} : { field: this.#reasoningField }),
      ...(this.#details.length > 0 ? { details: this.#details } : {}),
    }
    this.#events.push({ type: 'reasoning-end', opaque: toOpaque(this.#from, opaque) })
    this.#open = undefined
    this.#reasoningField = undefined
    this.#details = []
  }

  /** Pieces that came in one read of the network go on as one. */
  #addDelta(type: 'text-delta' | 'reasoning-delta', text: string): void {
    const last = this.#events.at(-1)
    if (last?.type === type) this.#events[this.#events.length - 1] = { type, text: last.text + text }
    else this.#events.push({ type, text })
  }

  #count(text: string): void {
    this.#bytes += Buffer.byteLength(text)
    if (this.#bytes > this.#answerBytes) throw answerTooLong(this.#answerBytes)
  }
}
