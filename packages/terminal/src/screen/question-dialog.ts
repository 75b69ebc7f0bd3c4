import { titledRule } from './approval.ts'
import type { Dialog, DialogHost, DialogView } from './dialog.ts'
import { settleMs } from './dialog.ts'
import type { Key } from './keys.ts'
import { LineEditor } from './line-editor.ts'
import type { Size } from './live-area.ts'
import type { Style } from './style.ts'
import { clean, clock, wrap } from './text.ts'

export interface QuestionOptions {
  readonly agent: string
  readonly question: string
  readonly suggestions: readonly string[]
  readonly style: Style
  readonly shownAt: number
}

const maxSuggestions = 9
const maxTypedRows = 6

/** A question of the agent: a digit takes an answer that it offers, anything else is typed. Esc leaves it unanswered. */
export class QuestionDialog implements Dialog {
  readonly waits = true
  readonly #options: QuestionOptions
  readonly #settle: (answer: string | undefined) => void
  readonly #editor = new LineEditor()

  constructor(options: QuestionOptions, settle: (answer: string | undefined) => void) {
    this.#options = options
    this.#settle = settle
  }

  view(size: Size, now: number): DialogView {
    const { style, agent, question, shownAt } = this.#options
    const width = size.columns - style.margin
    const paint = (text: string) => style.paint('wait', text)
    const head = `${paint(style.marks.waits)} ${style.bold(`${clean(agent)} asks`)}`
    const asked = clean(question)
      .split('\n')
      .flatMap((line) => wrap(line, width))
    const offered = this.#suggestions.flatMap((text, index) => {
      const [first = '', ...rest] = wrap(text, width - 4)
      return [`${style.bold(`[${index + 1}]`)} ${first}`, ...rest.map((row) => `    ${row}`)]
    })
    const above = [
      titledRule(head, `waits ${clock(now - shownAt)}`, size.columns, style, paint),
      ...[...asked, ...offered].map((row) => style.indent + row),
    ]
    const { rows, cursor } = this.#editor.view(size.columns - style.prompt.length, maxTypedRows)
    const typed = rows.map((row, index) => (index === 0 ? style.bold(style.prompt) : '  ') + row)
    const keys = `${offered.length > 0 ? '1 to 9 takes an answer   ' : ''}Enter sends   Esc leaves it unanswered`
    return {
      rows: [...above, ...typed, ...wrap(keys, width).map((row) => style.paint('dim', style.indent + row))],
      cursor: { row: above.length + cursor.row, column: style.prompt.length + cursor.column },
    }
  }

  key(key: Key, now: number): boolean {
    if (key.ctrl && key.name === 'c') return false
    const isReady = now - this.#options.shownAt >= settleMs
    const chosen = this.#editor.isEmpty && key.name === 'char' ? this.#suggestions[Number(key.text) - 1] : undefined
    if (key.name === 'escape') this.#settle(undefined)
    else if (chosen !== undefined) {
      if (isReady) this.#settle(chosen)
    } else if (key.name !== 'enter') this.#editor.key(key)
    else if (isReady && this.#editor.text.trim() !== '') this.#settle(this.#editor.text.trim())
    return true
  }

  get #suggestions(): readonly string[] {
    return this.#options.suggestions.slice(0, maxSuggestions).map((text) => clean(text).replace(/\s+/g, ' '))
  }
}

/** Puts a question of the agent before the person; undefined when it is left unanswered. */
export function askQuestion(
  host: DialogHost,
  options: QuestionOptions,
  signal: AbortSignal,
): Promise<string | undefined> {
  return host.ask<string | undefined>((settle) => new QuestionDialog(options, settle), undefined, signal)
}
