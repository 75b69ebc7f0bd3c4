import { widthOf } from './text.ts'

/** The part of a terminal's output that is used here. */
export interface Output {
  readonly columns?: number
  readonly rows?: number
  readonly isTTY?: boolean
  write(text: string): unknown
}

export interface Cursor {
  readonly row: number
  readonly column: number
}

export interface Size {
  readonly columns: number
  readonly rows: number
}

export function sizeOf(output: Output): Size {
  return { columns: Math.max(20, output.columns || 80), rows: Math.max(6, output.rows || 24) }
}

const begin = '\u001b[?2026h\u001b[?25l'
const finish = '\u001b[?2026l'
const showCursor = '\u001b[?25h'

/** The rows at the bottom that are redrawn. What is printed goes above them and is never touched again. */
export class LiveArea {
  readonly #output: Output
  #rows: readonly string[] = []
  #cursor: Cursor | undefined
  #shown = ''

  constructor(output: Output) {
    this.#output = output
  }

  /** Prints lines for good and draws the rows again below them. */
  print(
    lines: readonly string[],
    rows: readonly string[] = this.#rows,
    cursor: Cursor | undefined = this.#cursor,
  ): void {
    const text = lines.map((line) => `${line}\r\n`).join('')
    if (text === '') this.draw(rows, cursor)
    else this.#write(this.#erase() + text, rows, cursor)
  }

  /** Replaces the rows; nothing is written when nothing changed. More rows than the window holds lose their first ones. */
  draw(rows: readonly string[], cursor?: Cursor): void {
    if (this.#key(rows, cursor) === this.#shown) return
    this.#write(this.#erase(), rows, cursor)
  }

  /** Takes the rows away and leaves the cursor at the start of a line. */
  clear(): void {
    if (this.#rows.length === 0) return
    this.#output.write(begin + this.#erase() + showCursor + finish)
    this.#rows = []
    this.#cursor = undefined
    this.#shown = ''
  }

  /** Forgets what is on the screen, after something else has written there. */
  forget(): void {
    this.#rows = []
    this.#cursor = undefined
    this.#shown = ''
  }

  #key(rows: readonly string[], cursor: Cursor | undefined): string {
    const { columns, rows: height } = sizeOf(this.#output)
    return `${columns}x${height} ${cursor?.row},${cursor?.column}\n${rows.join('\n')}`
  }

  #write(before: string, rows: readonly string[], cursor: Cursor | undefined): void {
    const room = sizeOf(this.#output).rows - 1
    const dropped = Math.max(0, rows.length - room)
    this.#rows = rows.slice(dropped)
    const last = this.#rows.length - 1
    const wanted = cursor && cursor.row >= dropped ? { row: cursor.row - dropped, column: cursor.column } : undefined
    let text = begin + before + this.#rows.join('\r\n')
    if (wanted) {
      const up = last - wanted.row
      text += `${up > 0 ? `\u001b[${up}A` : ''}\r${wanted.column > 0 ? `\u001b[${wanted.column}C` : ''}${showCursor}`
    }
    this.#cursor = wanted
    this.#shown = this.#key(rows, cursor)
    this.#output.write(text + finish)
  }

  /** To the first column of the first row, counting rows that a narrower window has broken, and everything below removed. */
  #erase(): string {
    if (this.#rows.length === 0) return ''
    const { columns } = sizeOf(this.#output)
    const heightOf = (row: string) => Math.max(1, Math.ceil(widthOf(row) / columns))
    const at = this.#cursor ?? { row: this.#rows.length - 1, column: 0 }
    let up = this.#rows.slice(0, at.row).reduce((sum, row) => sum + heightOf(row), 0)
    up += this.#cursor ? Math.floor(at.column / columns) : heightOf(this.#rows[at.row] ?? '') - 1
    const hasMore = this.#rows.length > 1 || heightOf(this.#rows[0] ?? '') > 1
    // From the second row down: tmux takes an erase from the window's first row as one of the whole screen, and keeps what was there as history.
    const below = hasMore ? '\u001b[B\u001b[J\u001b[A' : ''
    return `\r${up > 0 ? `\u001b[${up}A` : ''}\u001b[K${below}`
  }
}
