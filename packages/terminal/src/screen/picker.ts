import type { Dialog, DialogView } from './dialog.ts'
import type { Key } from './keys.ts'
import { LineEditor } from './line-editor.ts'
import type { Size } from './live-area.ts'
import type { Style } from './style.ts'
import { plural, spread } from './text.ts'

export interface PickerItem {
  readonly value: string
  /** What the typed text is searched in. */
  readonly text: string
  row(columns: number): string
}

/** A list to choose from: arrows move, typing searches, Enter takes, Esc gives undefined. */
export class Picker implements Dialog {
  readonly waits = false
  readonly #options: { style: Style; title: string; items: readonly PickerItem[]; note: string }
  readonly #settle: (value: string | undefined) => void
  readonly #search = new LineEditor()
  #at = 0
  #first = 0

  constructor(
    options: { style: Style; title: string; items: readonly PickerItem[]; note: string },
    settle: (value: string | undefined) => void,
  ) {
    this.#options = options
    this.#settle = settle
  }

  view(size: Size): DialogView {
    const { style, title, note } = this.#options
    const found = this.#found()
    const shownRows = Math.max(3, Math.min(12, size.rows - 9))
    this.#at = Math.max(0, Math.min(this.#at, found.length - 1))
    this.#first = Math.max(Math.min(this.#first, this.#at), this.#at - shownRows + 1)
    const shown = found.slice(this.#first, this.#first + shownRows)
    const hint = this.#search.isEmpty ? style.paint('dim', 'type to search') : `search: ${this.#search.text}`
    const more = found.length - shown.length
    const rest = [more > 0 ? `${plural(more, 'more')} here`.replace('mores', 'more') : '', note]
      .filter(Boolean)
      .join(', ')
    return {
      rows: [
        spread(style.indent + title, hint, size.columns, style.marks.more),
        '',
        ...shown.map((item, index) => {
          const row = item.row(size.columns)
          return this.#first + index === this.#at ? style.reverse(row) : row
        }),
        ...(found.length === 0 ? [style.paint('dim', `${style.indent}nothing found`)] : []),
        ...(rest ? [style.paint('dim', `${style.indent}${style.marks.more} ${rest}`)] : []),
        '',
        style.paint('dim', `${style.indent}Enter opens   ${style.ascii ? 'up/down' : '↑↓'} moves   Esc goes back`),
      ],
    }
  }

  key(key: Key): boolean {
    const found = this.#found()
    if (key.name === 'escape') this.#settle(undefined)
    else if (key.name === 'enter') {
      const item = found[this.#at]
      if (item) this.#settle(item.value)
    } else if (key.name === 'up') this.#at--
    else if (key.name === 'down') this.#at++
    else if (key.name === 'pageup') this.#at -= 10
    else if (key.name === 'pagedown') this.#at += 10
    else {
      this.#search.key(key)
      this.#at = 0
    }
    return true
  }

  #found(): readonly PickerItem[] {
    const words = this.#search.text.toLowerCase().split(/\s+/).filter(Boolean)
    return this.#options.items.filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)))
  }
}
