import { Prompt, type PromptOptions } from '../prompt/prompt.ts'
import type { Key } from './keys.ts'
import type { Size } from './live-area.ts'
import type { Style } from './style.ts'
import { clean, cut } from './text.ts'

/** What Enter does while a turn runs: enter it at its next step, or wait until it has ended. */
export type BusyChoice = 'steer' | 'queue'
/** Keys that mean something to the chat and not to the line. */
export type Shortcut = 'accept-edits' | 'open-call' | 'write-in-editor'

/** What was said while a turn runs, and has reached nobody yet. */
export interface WaitingRow {
  readonly how: BusyChoice
  readonly text: string
}

export interface ChatInputHandlers {
  /** A message, or undefined when the person leaves; only while one is waited for. */
  readonly onSubmit: (text: string | undefined) => void
  /** A message that was sent while a turn runs. False: it cannot be taken now. */
  readonly onSay: (text: string, how: BusyChoice) => boolean
  /** Esc while something runs. */
  readonly onStop: () => void
  /** Up in an empty line: takes back what waits to be sent. */
  readonly onRecall: () => string | undefined
  readonly onShortcut: (name: Shortcut) => void
}

/** What the keys meet. */
export interface InputState {
  /** A message is waited for. */
  readonly isIdle: boolean
  readonly hasDialog: boolean
}

const shortcuts: Readonly<Record<string, Shortcut>> = { o: 'open-call', g: 'write-in-editor' }

/** The line of a chat, and what was sent from it and waits. */
export class ChatInput {
  readonly #prompt: Prompt
  readonly #handlers: ChatInputHandlers & { note(text: string): void }
  #busyChoice: BusyChoice = 'steer'
  #waiting: readonly WaitingRow[] = []

  constructor(prompt: PromptOptions, handlers: ChatInputHandlers & { note(text: string): void }) {
    this.#prompt = new Prompt(prompt)
    this.#handlers = handlers
  }

  get isEmpty(): boolean {
    return this.#prompt.isEmpty
  }

  get text(): string {
    return this.#prompt.text
  }

  setText(text: string): void {
    this.#prompt.setText(text)
  }

  setWaiting(rows: readonly WaitingRow[]): void {
    this.#waiting = rows
  }

  /** A key for the message. It can be written at any time. */
  key(key: Key, state: InputState): void {
    const { isIdle, hasDialog } = state
    const { isEmpty } = this
    const shortcut = key.ctrl ? shortcuts[key.name] : undefined
    if (isEmpty && key.ctrl && key.name === 'd') {
      if (isIdle) this.#handlers.onSubmit(undefined)
    } else if (key.name === 'shift-tab') this.#handlers.onShortcut('accept-edits')
    else if (shortcut && !this.#prompt.isSearching) this.#handlers.onShortcut(shortcut)
    else if (isEmpty && isIdle && key.name === 'char' && key.text === '?') this.#handlers.onSubmit('/keys')
    else if (isEmpty && key.name === 'escape' && !isIdle && !hasDialog) this.#handlers.onStop()
    else if (!isIdle && !isEmpty && key.name === 'tab' && !this.#prompt.hasMenu) this.#switchBusyChoice()
    else if (isEmpty && key.name === 'up' && this.#recall()) return
    else if (this.#prompt.key(key) === 'submit') this.#send(state)
  }

  rows(size: Size, style: Style, state: InputState): { rows: string[]; cursor: { row: number; column: number } } {
    const { rows, cursor } = this.#prompt.view(size.columns, Math.max(3, Math.floor(size.rows / 3)), style)
    const hint = this.#hint(state)
    const below =
      hint === undefined ? [] : [style.paint('dim', cut(style.indent + hint, size.columns, style.marks.more))]
    return { rows: [...rows, ...below], cursor }
  }

  waitingRows(columns: number, style: Style): string[] {
    const last = this.#waiting.findLastIndex(({ how }) => how === 'queue')
    return this.#waiting.map(({ how, text }, index) => {
      const label = how === 'steer' ? 'steer' : 'queued'
      const hint = index === last ? '   Up takes it back' : ''
      const line = `${style.indent}${label.padEnd(6)}  ${clean(text).replace(/\s+/g, ' ')}`
      return style.paint('dim', cut(line, columns - hint.length, style.marks.more) + hint)
    })
  }

  #send({ isIdle, hasDialog }: InputState): void {
    if (hasDialog) this.#handlers.note('decide first')
    else if (this.#prompt.text.trim() === '') return
    else if (isIdle) this.#handlers.onSubmit(this.#prompt.take())
    else if (this.#handlers.onSay(this.#prompt.text, this.#busyChoice)) this.#prompt.take()
    else this.#handlers.note('Enter sends when the answer is there')
  }

  #switchBusyChoice(): void {
    this.#busyChoice = this.#busyChoice === 'steer' ? 'queue' : 'steer'
  }

  #recall(): boolean {
    const text = this.#waiting.length > 0 ? this.#handlers.onRecall() : undefined
    if (text !== undefined) this.#prompt.setText(text)
    return text !== undefined
  }

  #hint({ isIdle, hasDialog }: InputState): string | undefined {
    if (hasDialog) return 'empty this line (Ctrl-U) to decide by a key'
    if (isIdle || this.isEmpty || this.#prompt.hasMenu || this.#prompt.isSearching) return undefined
    return this.#busyChoice === 'steer'
      ? 'Enter: steer, after this step   Tab: queue, after this turn'
      : 'Enter: queue, after this turn   Tab: steer, after this step'
  }
}
