import { type Document, lineAt, type Replacement, rawText } from './document.ts'
import type { EditMatch } from './edit.ts'
import { occurrences } from './occurrences.ts'
import { findLines, indexLines, type LineIndex, trimmed, withoutIndent } from './whole-lines.ts'

/** An edit as it was given, and in the line ends of the document. */
export interface PlainEdit {
  readonly given: string
  readonly old: string
  readonly new: string
  readonly replaceAll: boolean
}

export type Found =
  | { readonly kind: 'found'; readonly match: EditMatch; readonly replacements: readonly Replacement[] }
  | { readonly kind: 'several'; readonly match: EditMatch; readonly lines: readonly number[] }
  | { readonly kind: 'none' }

/**
 * Finds the place of an edit, or says that there is none or more than one. Each way of matching is tried only where the stricter ones
 * have found nothing, and a loose one takes whole lines only, and only the one place there is.
 */
export function createFinder(document: Document): (edit: PlainEdit) => Found {
  const fileLines = document.text.split('\n')
  let trimmedIndex: LineIndex | undefined
  let bareIndex: LineIndex | undefined

  return function find(edit) {
    const offsets = occurrences(document.text, edit.old)
    if (offsets.length > 0) return takeText(document, edit, offsets)
    const wanted = wantedLines(edit)
    if (wanted.lines.every((line) => withoutIndent(line) === '')) return { kind: 'none' }
    trimmedIndex ??= indexLines(fileLines.map(trimmed))
    const places = findLines(trimmedIndex, wanted.lines.map(trimmed))
    if (places.length > 0)
      return takeLines(
        document,
        fileLines,
        wanted,
        places.map((first) => ({ first, indent: none })),
      )
    bareIndex ??= indexLines(fileLines.map(withoutIndent))
    const indented = findLines(bareIndex, wanted.lines.map(withoutIndent)).flatMap((first) => {
      const indent = indentBetween(wanted.lines, fileLines.slice(first, first + wanted.lines.length))
      return indent === undefined ? [] : [{ first, indent }]
    })
    return indented.length === 0 ? { kind: 'none' } : takeLines(document, fileLines, wanted, indented)
  }
}

function takeText(document: Document, edit: PlainEdit, offsets: readonly number[]): Found {
  const { old, new: text, replaceAll, given } = edit
  if (!replaceAll && offsets.length > 1) {
    return { kind: 'several', match: 'exact', lines: offsets.map((offset) => lineAt(document, offset) + 1) }
  }
  const replacements: Replacement[] = []
  for (const start of offsets) {
    // Of places that overlap ("aa" in "aaa") the first counts.
    if (start >= (replacements.at(-1)?.end ?? 0)) replacements.push({ start, end: start + old.length, text })
  }
  const isExact = replacements.every(({ start, end }) => rawText(document, start, end) === given)
  return { kind: 'found', match: isExact ? 'exact' : 'line_ends', replacements }
}

interface WantedLines {
  readonly lines: readonly string[]
  /** Whether the old text takes the end of its last line with it. */
  readonly endsLine: boolean
  readonly newLines: readonly string[]
  readonly newEndsLine: boolean
}

function wantedLines(edit: PlainEdit): WantedLines {
  const endsLine = edit.old.endsWith('\n')
  const newEndsLine = endsLine && edit.new.endsWith('\n')
  const lines = (endsLine ? edit.old.slice(0, -1) : edit.old).split('\n')
  const isDeletion = endsLine && edit.new === ''
  const newLines = isDeletion ? [] : (newEndsLine ? edit.new.slice(0, -1) : edit.new).split('\n')
  return { lines, endsLine, newLines, newEndsLine }
}

/** What the lines of the file have more (`add`) or less (`remove`) than those of the edit. */
interface Indent {
  readonly add: string
  readonly remove: string
}

const none: Indent = { add: '', remove: '' }

interface LinePlace {
  readonly first: number
  readonly indent: Indent
}

function takeLines(
  document: Document,
  fileLines: readonly string[],
  wanted: WantedLines,
  places: readonly LinePlace[],
): Found {
  const [place] = places
  if (place === undefined) return { kind: 'none' }
  const match = place.indent === none ? 'trailing_space' : 'indent'
  if (places.length > 1) return { kind: 'several', match, lines: places.map(({ first }) => first + 1) }
  const { first } = place
  const next = first + wanted.lines.length
  const inFile = fileLines.slice(first, next)
  const isLast = next >= fileLines.length
  const start = document.starts[first] ?? 0
  const lastEnd = (document.starts[next] ?? document.text.length + 1) - 1
  const end = wanted.endsLine && !isLast ? lastEnd + 1 : lastEnd
  const lines = newText(wanted, inFile, place.indent)
  if (lines === undefined) return { kind: 'none' }
  const text = lines.join('\n') + (wanted.newEndsLine && !isLast ? '\n' : '')
  const isSame = inFile.every((line, index) => line === wanted.lines[index])
  return { kind: 'found', match: isSame ? 'line_ends' : match, replacements: [{ start, end, text }] }
}

/** The new lines as the file has them: those that the edit does not change stay byte for byte, the others get the indent. */
function newText(wanted: WantedLines, inFile: readonly string[], indent: Indent): string[] | undefined {
  const { lines, newLines, endsLine, newEndsLine } = wanted
  const most = Math.min(lines.length, newLines.length)
  let head = 0
  while (head < most && lines[head] === newLines[head]) head++
  let tail = 0
  if (endsLine === newEndsLine) {
    while (tail < most - head && lines.at(-1 - tail) === newLines.at(-1 - tail)) tail++
  }
  const changed = newLines.slice(head, newLines.length - tail).map((line) => reindent(line, indent))
  if (changed.includes(undefined)) return undefined
  const middle = changed.filter((line) => line !== undefined)
  return [...inFile.slice(0, head), ...middle, ...inFile.slice(inFile.length - tail)]
}

function reindent(line: string, { add, remove }: Indent): string | undefined {
  if (line.startsWith(remove))
    return withoutIndent(line) === '' ? line.slice(remove.length) : add + line.slice(remove.length)
  return withoutIndent(line) === '' ? '' : undefined
}

/** The one indent by which all lines differ; undefined when there is no such one. Lines without text have no say. */
function indentBetween(wanted: readonly string[], inFile: readonly string[]): Indent | undefined {
  let indent: Indent | undefined
  for (const [index, line] of wanted.entries()) {
    if (withoutIndent(line) === '') continue
    const between = differenceOf(leading(line), leading(inFile[index] ?? ''))
    if (between === undefined) return undefined
    if (indent !== undefined && (indent.add !== between.add || indent.remove !== between.remove)) return undefined
    indent = between
  }
  return indent
}

function differenceOf(wanted: string, inFile: string): Indent | undefined {
  if (inFile.endsWith(wanted)) return { add: inFile.slice(0, inFile.length - wanted.length), remove: '' }
  if (wanted.endsWith(inFile)) return { add: '', remove: wanted.slice(0, wanted.length - inFile.length) }
  return undefined
}

function leading(line: string): string {
  const text = trimmed(line)
  return text.slice(0, text.length - withoutIndent(text).length)
}
