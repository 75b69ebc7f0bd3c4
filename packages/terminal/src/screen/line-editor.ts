import type { Key } from './keys.ts'
import { clean, splitGraphemes, widthOf } from './text.ts'

const maxCharacters = 256 * 1024
const maxHistory = 1000

interface Row {
  readonly text: string
  /** Index of the row's first character, and of the first one after it. */
  readonly from: number
  readonly to: number
}

export interface EditorView {
  readonly rows: readonly string[]
  readonly cursor: { readonly row: number; readonly column: number }
}

/** One line of input, or several: what is typed, where the cursor is, what was sent before. Pure: keys in, rows out. */
export class LineEditor {
  #characters: string[] = []
  #cursor = 0
  #width = 80
  #wantedColumn: number | undefined
  readonly #history: string[] = []
  #historyAt = 0
  #draft = ''

  get text(): string {
    return this.#characters.join('')
  }

  get isEmpty(): boolean {
    return this.#characters.length === 0
  }

  /** What stands left of the cursor. */
  get textBefore(): string {
    return this.#characters.slice(0, this.#cursor).join('')
  }

  /** Puts another text in the place of the last `length` code units left of the cursor. */
  replaceBefore(length: number, text: string): void {
    const before = this.textBefore
    const after = this.#characters.slice(this.#cursor).join('')
    const kept = before.slice(0, Math.max(0, before.length - length)) + text
    this.#characters = splitGraphemes(kept + after).slice(0, maxCharacters)
    this.#cursor = Math.min(splitGraphemes(kept).length, this.#characters.length)
  }

  setText(text: string): void {
    this.#characters = splitGraphemes(clean(text)).slice(0, maxCharacters)
    this.#cursor = this.#characters.length
    this.#wantedColumn = undefined
  }

  /** What was sent; Up brings it back. */
  remember(text: string): void {
    if (text.trim() !== '' && this.#history.at(-1) !== text) this.#history.push(text)
    if (this.#history.length > maxHistory) this.#history.shift()
    this.#historyAt = this.#history.length
  }

  /** `submit` when Enter ends the input, `changed` when the view is another one now, `unused` when the key means nothing here. */
  key(key: Key): 'submit' | 'changed' | 'unused' {
    if (key.name === 'enter') return 'submit'
    if (key.name !== 'up' && key.name !== 'down') this.#wantedColumn = undefined
    if (key.ctrl && this.#control(key.name)) return 'changed'
    if (key.alt && this.#alt(key)) return 'changed'
    if (key.ctrl || key.alt) return 'unused'
    return this.#plain(key) ? 'changed' : 'unused'
  }

  /** The rows at this width, without prompt; at most `maxRows`, those round the cursor. */
  view(width: number, maxRows: number): EditorView {
    this.#width = width
    const rows = this.#layout()
    const row = this.#rowOfCursor(rows)
    const first = Math.max(0, Math.min(row - Math.floor(maxRows / 2), rows.length - maxRows))
    const at = rows[row]
    const column = widthOf(this.#characters.slice(at?.from ?? 0, this.#cursor).join(''))
    return {
      rows: rows.slice(first, first + maxRows).map(({ text }) => text),
      cursor: { row: row - first, column },
    }
  }

  #plain(key: Key): boolean {
    switch (key.name) {
      case 'char':
        return this.#insert(key.text)
      case 'paste':
        return this.#insert(clean(key.text).replace(/\t/g, '    '))
      case 'newline':
        return this.#insert('\n')
      case 'backspace':
        return this.#remove(this.#cursor - 1, this.#cursor)
      case 'delete':
        return this.#remove(this.#cursor, this.#cursor + 1)
      case 'left':
        return this.#moveTo(this.#cursor - 1)
      case 'right':
        return this.#moveTo(this.#cursor + 1)
      case 'home':
        return this.#moveTo(this.#lineStart())
      case 'end':
        return this.#moveTo(this.#lineEnd())
      case 'up':
        return this.#vertical(-1)
      case 'down':
        return this.#vertical(1)
      default:
        return false
    }
  }

  #control(name: string): boolean {
    switch (name) {
      case 'a':
        return this.#moveTo(this.#lineStart())
      case 'e':
        return this.#moveTo(this.#lineEnd())
      case 'b':
        return this.#moveTo(this.#cursor - 1)
      case 'f':
        return this.#moveTo(this.#cursor + 1)
      case 'd':
        return this.#remove(this.#cursor, this.#cursor + 1)
      case 'u':
        return this.#remove(this.#lineStart(), this.#cursor)
      case 'k':
        return this.#remove(this.#cursor, Math.max(this.#lineEnd(), this.#cursor + 1))
      case 'w':
        return this.#remove(this.#wordStart(), this.#cursor)
      case 'p':
        return this.#vertical(-1)
      case 'n':
        return this.#vertical(1)
      case 'left':
        return this.#moveTo(this.#wordStart())
      case 'right':
        return this.#moveTo(this.#wordEnd())
      default:
        return false
    }
  }

  #alt(key: Key): boolean {
    const name = key.name === 'char' ? key.text : key.name
    if (name === 'b' || name === 'left') return this.#moveTo(this.#wordStart())
    if (name === 'f' || name === 'right') return this.#moveTo(this.#wordEnd())
    if (name === 'd') return this.#remove(this.#cursor, this.#wordEnd())
    if (name === 'backspace') return this.#remove(this.#wordStart(), this.#cursor)
    return false
  }

  #insert(text: string): boolean {
    const before = this.#characters.slice(0, this.#cursor).join('')
    const after = this.#characters.slice(this.#cursor).join('')
    const characters = splitGraphemes(before + text + after)
    if (characters.length > maxCharacters) return true
    // A mark that joins the character before it makes no character of its own, so the cursor is found by length.
    this.#characters = characters
    this.#cursor = splitGraphemes(before + text).length
    return true
  }

  #remove(from: number, to: number): boolean {
    const start = Math.max(0, from)
    this.#characters.splice(start, Math.max(0, Math.min(to, this.#characters.length) - start))
    this.#cursor = Math.min(start, this.#characters.length)
    return true
  }

  #moveTo(index: number): boolean {
    this.#cursor = Math.max(0, Math.min(index, this.#characters.length))
    return true
  }

  #lineStart(): number {
    return this.#cursor === 0 ? 0 : this.#characters.lastIndexOf('\n', this.#cursor - 1) + 1
  }

  #lineEnd(): number {
    const end = this.#characters.indexOf('\n', this.#cursor)
    return end < 0 ? this.#characters.length : end
  }

  #wordStart(): number {
    let at = this.#cursor
    while (at > 0 && /\s/.test(this.#characters[at - 1] ?? '')) at--
    while (at > 0 && /\S/.test(this.#characters[at - 1] ?? '')) at--
    return at
  }

  #wordEnd(): number {
    let at = this.#cursor
    while (at < this.#characters.length && /\s/.test(this.#characters[at] ?? '')) at++
    while (at < this.#characters.length && /\S/.test(this.#characters[at] ?? '')) at++
    return at
  }

  /** One row up or down; from the first row up into what was sent before, from the last one down again. */
  #vertical(step: -1 | 1): boolean {
    const rows = this.#layout()
    const row = this.#rowOfCursor(rows)
    const target = rows[row + step]
    if (!target) return this.#recall(step)
    const here = rows[row]
    this.#wantedColumn ??= widthOf(this.#characters.slice(here?.from ?? 0, this.#cursor).join(''))
    let at = target.from
    let column = 0
    while (at < target.to) {
      column += widthOf(this.#characters[at] ?? '')
      if (column > this.#wantedColumn) break
      at++
    }
    this.#cursor = at
    return true
  }

  #recall(step: -1 | 1): boolean {
    const next = this.#historyAt + step
    if (next < 0 || next > this.#history.length) return true
    if (this.#historyAt === this.#history.length) this.#draft = this.text
    this.#historyAt = next
    this.setText(this.#history[next] ?? this.#draft)
    return true
  }

  #rowOfCursor(rows: readonly Row[]): number {
    const found = rows.findIndex((row, index) => {
      const next = rows[index + 1]
      return this.#cursor >= row.from && (!next || this.#cursor < next.from)
    })
    return Math.max(0, found)
  }

  #layout(): Row[] {
    const rows: Row[] = []
    let from = 0
    let used = 0
    let text = ''
    for (const [index, character] of this.#characters.entries()) {
      if (character === '\n') {
        rows.push({ text, from, to: index })
        from = index + 1
        used = 0
        text = ''
        continue
      }
      const width = widthOf(character)
      // One column is left free, so that the cursor has a place behind the last character.
      if (used + width > this.#width - 1) {
        rows.push({ text, from, to: index })
        from = index
        used = 0
        text = ''
      }
      used += width
      text += character
    }
    rows.push({ text, from, to: this.#characters.length })
    return rows
  }
}
