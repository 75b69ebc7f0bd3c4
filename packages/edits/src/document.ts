const MARK = '\ufeff'

/**
 * A text whose lines end in "\n" only, with what it takes to give the original back: the byte order mark and the end of each line. A
 * model never sees either, so it must neither have to know nor be able to change them.
 */
export interface Document {
  readonly mark: string
  readonly text: string
  /** The line ends as they were, in order: one for each "\n" of `text`. */
  readonly ends: readonly string[]
  /** Where each line begins in `text`. */
  readonly starts: readonly number[]
}

export function readDocument(original: string): Document {
  const mark = original.startsWith(MARK) ? MARK : ''
  const body = original.slice(mark.length)
  const ends = body.match(lineEndIn(body)) ?? []
  const text = ends.every((end) => end === '\n') ? body : body.replace(lineEndIn(body), '\n')
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return { mark, text, ends, starts }
}

/** A text of a model, in the line ends of `Document.text`. */
export function plainText(text: string, { ends }: Document): string {
  const body = text.startsWith(MARK) ? text.slice(MARK.length) : text
  return body.replace(ends.includes('\r') ? /\r\n?/g : /\r\n/g, '\n')
}

/** Where a lone carriage return stands beside "\n" it is a character like any other; where there is no "\n" it ends lines. */
function lineEndIn(body: string): RegExp {
  return body.includes('\n') ? /\r?\n/g : /\r/g
}

/** What the original has between two offsets of `text`. */
export function rawText(document: Document, start: number, end: number): string {
  let next = lineAt(document, start)
  return withEnds(document.text.slice(start, end), () => document.ends[next++] ?? '\n')
}

/** The index, from 0, of the line that holds this offset. */
export function lineAt({ starts }: Document, offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}

/** The lines without their ends. A line end at the very end begins no further line. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

export interface Replacement {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The original with the replacements made. They are in order and apart; what lies between them comes back byte for byte. */
export function rewrite(document: Document, replacements: readonly Replacement[]): string {
  const { text, ends, mark } = document
  const parts = [mark]
  let at = 0
  let next = 0
  const keep = (to: number) => {
    const piece = text.slice(at, to)
    parts.push(withEnds(piece, () => ends[next++] ?? '\n'))
    at = to
  }
  for (const { start, end, text: replacement } of replacements) {
    keep(start)
    const inside = ends.slice(next, next + countEnds(text.slice(start, end)))
    const beyond = inside.at(-1) ?? ends[next] ?? ends[next - 1] ?? '\n'
    let used = 0
    parts.push(withEnds(replacement, () => inside[used++] ?? beyond))
    next += inside.length
    at = end
  }
  keep(text.length)
  return keepLastEnd(document, parts.join(''))
}

/** A last line that had an end keeps it: losing it is an accident of quoting. */
function keepLastEnd({ text, ends, mark }: Document, rewritten: string): string {
  const last = ends.at(-1)
  if (last === undefined || !text.endsWith('\n') || rewritten === mark || rewritten.endsWith(last)) return rewritten
  return rewritten.endsWith('\n') ? rewritten : rewritten + last
}

function withEnds(piece: string, end: () => string): string {
  return piece.includes('\n') ? piece.replace(/\n/g, end) : piece
}

function countEnds(piece: string): number {
  let count = 0
  for (let at = piece.indexOf('\n'); at !== -1; at = piece.indexOf('\n', at + 1)) count++
  return count
}
