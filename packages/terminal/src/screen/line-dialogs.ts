import type { Dialog, DialogView } from './dialog.ts'
import { settleMs } from './dialog.ts'
import type { Key } from './keys.ts'
import { LineEditor } from './line-editor.ts'
import type { Size } from './live-area.ts'
import type { Style } from './style.ts'
import { widthOf, wrap } from './text.ts'

const maxTypedRows = 6

/** Asks for a text. Enter gives it, Esc gives undefined. Every key is the dialog's. */
export class TextDialog implements Dialog {
  readonly waits = true
  readonly #editor = new LineEditor()
  readonly #options: TextDialogOptions
  readonly #settle: (text: string | undefined) => void

  constructor(options: TextDialogOptions, settle: (text: string | undefined) => void) {
    this.#options = options
    this.#settle = settle
    if (options.text) this.#editor.setText(options.text)
  }

  view(size: Size): DialogView {
    const { style, above, prompt, below } = this.#options
    const { rows, cursor } = this.#editor.view(size.columns - prompt.length, maxTypedRows)
    const typed = rows.map((row, index) => (index === 0 ? prompt : ' '.repeat(prompt.length)) + style.bold(row))
    return {
      rows: [...above, ...typed, ...below],
      cursor: { row: above.length + cursor.row, column: prompt.length + cursor.column },
    }
  }

  key(key: Key): boolean {
    if (key.name === 'escape') this.#settle(undefined)
    else if (key.ctrl && (key.name === 'c' || key.name === 'd'))
      return key.name === 'd' && !this.#editor.isEmpty ? this.#edit(key) : false
    else if (key.name === 'enter') this.#settle(this.#editor.text)
    else this.#edit(key)
    return true
  }

  #edit(key: Key): boolean {
    this.#editor.key(key)
    return true
  }
}

export interface TextDialogOptions {
  readonly style: Style
  readonly above: readonly string[]
  readonly prompt: string
  readonly below: readonly string[]
  readonly text?: string
}

/** Asks a question that a letter answers; `y` alone means yes. */
export class ConfirmDialog implements Dialog {
  readonly waits = true
  readonly #options: { style: Style; lines: readonly string[]; shownAt: number; yes: string; no: string }
  readonly #settle: (yes: boolean) => void

  constructor(
    options: { style: Style; lines: readonly string[]; shownAt: number; yes: string; no: string },
    settle: (yes: boolean) => void,
  ) {
    this.#options = options
    this.#settle = settle
  }

  view(size: Size): DialogView {
    const { style, lines } = this.#options
    const rows = lines.flatMap((line) => wrap(line, size.columns - style.margin))
    const [first = '', ...rest] = rows
    return {
      rows: [
        style.mark(style.marks.waits, 'wait') + first,
        ...rest.map((row) => style.indent + row),
        '',
        ...this.#keys(size.columns),
      ],
    }
  }

  /** Side by side where both fit. */
  #keys(columns: number): string[] {
    const { style, yes, no } = this.#options
    const keys = [`${style.bold('[y]')} ${yes}`, `${style.bold('[n]')} ${no}`]
    const line = style.indent + keys.join('   ')
    return widthOf(line) <= columns ? [line] : keys.map((key) => style.indent + key)
  }

  key(key: Key, now: number, lineIsEmpty: boolean): boolean {
    if (!lineIsEmpty || key.name !== 'char' || key.alt || now - this.#options.shownAt < settleMs) return false
    const letter = key.text.toLowerCase()
    if (letter === 'y') this.#settle(true)
    else if (letter === 'n') this.#settle(false)
    else return false
    return true
  }
}
