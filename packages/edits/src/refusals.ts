import { type Document, linesOf } from './document.ts'
import type { EditOutcome, EditProblem } from './edit.ts'
import type { Found, PlainEdit } from './find.ts'
import { nearestRegion } from './nearest.ts'
import { listWords, numberedLines, rangeWords } from './numbered-lines.ts'
import { withoutIndent } from './whole-lines.ts'

type Refusal = Extract<EditOutcome, { ok: false }>

const unchanged = 'Nothing was changed.'
const shownLines = 25
const shownCharacters = 200

export function refusal(problem: EditProblem, edit: number, message: string, lines: readonly number[] = []): Refusal {
  return { ok: false, problem, edit, lines, message: `${message} ${unchanged}` }
}

export function notEmpty({ text }: Document, edit: number): Refusal {
  const count = linesOf(text).length
  const message = `edits[${edit}].old_text is empty, which is for a new or an empty file only; this one has ${count} ${count === 1 ? 'line' : 'lines'}. To insert, give a line that is there as old_text, and it together with the new lines as new_text.`
  return refusal('not_empty', edit, message)
}

export function several(found: Extract<Found, { kind: 'several' }>, { replaceAll }: PlainEdit, edit: number): Refusal {
  const { lines, match } = found
  const where = `at lines ${listWords(lines)}`
  const how = match === 'trailing_space' ? 'space at the ends of lines' : 'the indent'
  const times =
    match === 'exact' ? `is ${lines.length} times in the file` : `fits ${lines.length} places but for ${how}`
  const all = match === 'exact' ? ', or set replace_all to change every one' : ''
  const only = replaceAll && match !== 'exact' ? ' replace_all changes only text that is exactly the same.' : ''
  const message = `edits[${edit}].old_text ${times}: ${where}. Add lines before or after it until only one place fits${all}.${only}`
  return refusal('several', edit, message, lines)
}

export function overlap(first: number, second: number, lines: { first: number; last: number }): Refusal {
  const words = lines.last > lines.first ? `lines ${rangeWords(lines.first, lines.last)}` : `line ${lines.first}`
  const message = `edits[${first}] and edits[${second}] both take ${words}. All edits are matched against the file as it was: make one edit of the two.`
  return refusal('overlap', second, message, [lines.first])
}

/** Says where the nearest text is and in what it differs, so that the next attempt needs no further read. */
export function notFound(document: Document, edits: readonly PlainEdit[], edit: number): Refusal {
  const { old = '', new: text = '' } = edits[edit] ?? {}
  const start = `edits[${edit}].old_text is not in the file.`
  const reason = knownReason(document, edits, edit, old, text)
  const fileLines = linesOf(document.text)
  if (fileLines.length === 0) return refusal('not_found', edit, `${start} The file is empty: leave old_text empty.`)
  const wanted = linesOf(old)
  const region = nearestRegion(fileLines, wanted)
  if (region === undefined) {
    if (fileLines.length <= shownLines) {
      const all = numberedLines(fileLines.map(shorten), 1)
      const lead = reason ?? 'Nothing in the file is like it. The whole file:'
      return { ok: false, problem: 'not_found', edit, lines: [], message: `${start} ${unchanged} ${lead}\n${all}` }
    }
    const nothing = reason ?? `Nothing like it is in its ${fileLines.length} lines. Read the file again.`
    return refusal('not_found', edit, `${start} ${nothing}`)
  }
  const { first, difference } = region
  const count = Math.min(region.count, shownLines)
  const last = first + count
  const shown = numberedLines(fileLines.slice(first, last).map(shorten), first + 1)
  const more = region.count > count ? `\n(${region.count - count} more lines)` : ''
  const differs = difference
    ? `\nLine ${difference.line + 1} differs first: the file has ${quote(difference.found)}, old_text has ${quote(difference.wanted)}.`
    : ''
  const head = `${start} ${unchanged}${reason ? ` ${reason}` : ''} Nearest, at ${last > first + 1 ? 'lines' : 'line'} ${rangeWords(first + 1, last)}:`
  const lines = Array.from({ length: region.count }, (_, index) => first + index + 1)
  return { ok: false, problem: 'not_found', edit, lines, message: `${head}\n${shown}${more}${differs}` }
}

function knownReason(
  { text: fileText }: Document,
  edits: readonly PlainEdit[],
  edit: number,
  old: string,
  text: string,
): string | undefined {
  const other = edits.findIndex((candidate, index) => index !== edit && candidate.new.includes(old))
  if (other !== -1) {
    return `It is in the new_text of edits[${other}], but all edits are matched against the file as it was: make one edit of the two.`
  }
  const withoutNumbers = withoutLineNumbers(old)
  if (withoutNumbers !== undefined && fileText.includes(withoutNumbers)) {
    return 'old_text begins its lines with line numbers, which are not part of the file: leave them out.'
  }
  if (withoutIndent(text).length > 2 && fileText.includes(text)) {
    return 'The new_text is in the file already: this edit may have been made before.'
  }
  return undefined
}

function withoutLineNumbers(old: string): string | undefined {
  const lines = old.split('\n')
  const number = /^ *\d+(?:\t|→|: |\| ?)/
  if (!lines.every((line) => line === '' || number.test(line))) return undefined
  return lines.map((line) => line.replace(number, '')).join('\n')
}

function quote(line: string): string {
  return JSON.stringify(shorten(line))
}

function shorten(line: string): string {
  return line.length <= shownCharacters ? line : `${line.slice(0, shownCharacters).toWellFormed()}…`
}
