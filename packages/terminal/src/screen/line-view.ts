import type { ConversationEvent } from '../conversation/events.ts'
import type { ChatView } from './chat-view.ts'
import type { Style } from './style.ts'
import type { Transcript } from './transcript.ts'

/** Where lines are printed: plain ones, or sentences to be heard. */
export interface LinePrinter {
  readonly transcript: Transcript
  print(lines: readonly string[]): void
  notice(text: string): void
  show(event: ConversationEvent): void
}

export interface LineViewOptions {
  readonly printer: LinePrinter
  readonly style: Style
  readonly columns: () => number
  /** The terminal has shown already what the person typed. */
  readonly isTypedHere: boolean
}

/** A chat as lines: nothing is redrawn, and dialogs that need keys are not opened. */
export class LineView implements ChatView {
  readonly style: Style
  /** What could not be sent; it is told, since there is no line where it could stand. */
  readonly #options: LineViewOptions
  #status = { agent: 'orchestrator', model: '', session: '', context: '' }

  constructor(options: LineViewOptions) {
    this.#options = options
    this.style = options.style
  }

  get columns(): number {
    return this.#options.columns()
  }

  get transcript(): Transcript {
    return this.#options.printer.transcript
  }

  get status(): Readonly<{ agent: string; model: string; session: string; context: string }> {
    return this.#status
  }

  get draft(): string {
    return ''
  }

  set draft(text: string) {
    this.notice(`Not sent: ${text}`)
  }

  person(text: string): void {
    const lines = this.transcript.person(text, this.columns)
    if (!this.#options.isTypedHere) this.print(lines)
  }

  print(lines: readonly string[]): void {
    this.#options.printer.print(lines)
  }

  notice(text: string): void {
    this.#options.printer.notice(text)
  }

  show(event: ConversationEvent): void {
    this.#options.printer.show(event)
  }

  setStatus(status: Partial<{ agent: string; model: string; session: string; context: string }>): void {
    this.#status = { ...this.#status, ...status }
  }

  setWaiting(): void {}

  showRunning(): { end(): void } {
    return { end: () => undefined }
  }

  async ask<T>(_make: unknown, cancelled: T): Promise<T> {
    return cancelled
  }

  lend<T>(work: () => Promise<T>): Promise<T> {
    return work()
  }
}
