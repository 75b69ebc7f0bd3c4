import { expect, it } from 'vitest'
import { LiveArea } from './live-area.ts'

/** A terminal that understands what LiveArea writes: lines, cursor up, down and right, erase a line's rest and all below. */
class Terminal {
  columns = 20
  rows = 8
  lines: string[] = ['']
  /** The rows from which all below was erased. */
  erasedFrom: number[] = []
  #row = 0
  #column = 0

  write(text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is read
    for (const piece of text.match(/\u001b\[[?0-9]*[A-Za-z]|[\s\S]/g) ?? []) this.#take(piece)
  }

  get cursor(): string {
    return `${this.#row},${this.#column}`
  }

  /** Down to the cursor, or to the last row with something in it. */
  get shown(): string[] {
    const lines = this.lines.map((line) => line.trimEnd())
    return lines.slice(
      0,
      Math.max(
        this.#row,
        lines.findLastIndex((line) => line !== ''),
      ) + 1,
    )
  }

  #take(piece: string): void {
    const count = Number(/\d+/.exec(piece)?.[0] ?? 1)
    if (piece === '\r') this.#column = 0
    else if (piece === '\n') this.#row++
    else if (piece.endsWith('A') && piece.length > 1) this.#row -= count
    else if (piece.endsWith('B') && piece.length > 1) this.#row += count
    else if (piece.endsWith('C') && piece.length > 1) this.#column += count
    else if (piece === '\u001b[K') this.lines[this.#row] = (this.lines[this.#row] ?? '').slice(0, this.#column)
    else if (piece === '\u001b[J') {
      this.erasedFrom.push(this.#row)
      this.lines = [...this.lines.slice(0, this.#row), (this.lines[this.#row] ?? '').slice(0, this.#column)]
    } else if (piece.length === 1) {
      const line = (this.lines[this.#row] ?? '').padEnd(this.#column)
      this.lines[this.#row] = line.slice(0, this.#column) + piece + line.slice(this.#column + 1)
      this.#column++
    }
    while (this.lines.length <= this.#row) this.lines.push('')
  }
}

it('keeps what was printed and replaces the rows below it', () => {
  const terminal = new Terminal()
  const area = new LiveArea(terminal)
  area.draw(['> a', 'status'], { row: 0, column: 3 })
  area.print(['said'], ['> ', 'status 2'], { row: 0, column: 2 })
  area.print(['more', 'lines'], ['tail', '> ', 'status 3'], { row: 1, column: 2 })
  expect(terminal.shown).toEqual(['said', 'more', 'lines', 'tail', '>', 'status 3'])
  expect(terminal.cursor).toBe('4,2')
  area.clear()
  expect(terminal.shown).toEqual(['said', 'more', 'lines', ''])
})

it('never erases the screen from its first row, which tmux would keep as history', () => {
  const terminal = new Terminal()
  const area = new LiveArea(terminal)
  area.draw(['picker', 'status'])
  area.draw(['>', 'status'], { row: 0, column: 1 })
  area.clear()
  expect(terminal.shown.join('')).toBe('')
  expect(terminal.erasedFrom.filter((row) => row === 0)).toEqual([])
  expect(terminal.erasedFrom).toHaveLength(2)
})

it('writes nothing when nothing changed', () => {
  let writes = 0
  const area = new LiveArea({ write: () => writes++, columns: 20, rows: 8 })
  area.draw(['a'])
  area.draw(['a'])
  expect(writes).toBe(1)
})

it('drops the first rows where the window is too low, and finds its way back', () => {
  const terminal = new Terminal()
  terminal.rows = 6
  const area = new LiveArea(terminal)
  area.draw(['1', '2', '3', '4', '5', '6', '7'], { row: 6, column: 0 })
  expect(terminal.shown).toEqual(['3', '4', '5', '6', '7'])
  area.draw(['x'])
  expect(terminal.shown).toEqual(['x'])
})
