import { occurrences } from './occurrences.ts'

/** Lines joined so that whole lines are found by one search. */
export interface LineIndex {
  readonly text: string
  /** Where each line begins in `text`. */
  readonly lines: ReadonlyMap<number, number>
}

export function indexLines(lines: readonly string[]): LineIndex {
  const starts = new Map<number, number>()
  let at = 1
  for (const [index, line] of lines.entries()) {
    starts.set(at, index)
    at += line.length + 1
  }
  return { text: `\n${lines.join('\n')}\n`, lines: starts }
}

/** The indexes of the lines at which these lines stand, one after the other. */
export function findLines(index: LineIndex, wanted: readonly string[]): number[] {
  return occurrences(index.text, `\n${wanted.join('\n')}\n`).map((at) => index.lines.get(at + 1) ?? 0)
}

/** Without the space at the end. */
export function trimmed(line: string): string {
  let end = line.length
  while (end > 0 && isSpace(line.charCodeAt(end - 1))) end--
  return line.slice(0, end)
}

/** Without the space at either end. */
export function withoutIndent(line: string): string {
  let start = 0
  while (start < line.length && isSpace(line.charCodeAt(start))) start++
  return trimmed(line.slice(start))
}

function isSpace(code: number): boolean {
  return code === 32 || code === 9
}
