import { type Document, lineAt, plainText, type Replacement, readDocument, rewrite } from './document.ts'
import type { AppliedEdit, Edit, EditMatch, EditOutcome, LineRange } from './edit.ts'
import { createFinder, type PlainEdit } from './find.ts'
import { notEmpty, notFound, overlap, refusal, several } from './refusals.ts'

const mostEdits = 200

/**
 * Makes all edits or none. Every edit is matched against the text as it was given, never against what another edit made of it: the
 * order says nothing, no edit can hit what another one wrote, and two that take the same place are refused.
 *
 * The byte order mark, the line ends and the end of the last line stay as they are; `new_text` gets those of the place it goes to.
 */
export function applyEdits(text: string, edits: readonly Edit[]): EditOutcome {
  const document = readDocument(text)
  const plain = edits.map((edit) => plainEdit(edit, document))
  const wrong = refuseAtSight(document, edits, plain)
  if (wrong) return wrong
  if (plain[0]?.old === '') return fillEmpty(document, plain[0].new)
  const find = createFinder(document)
  const matches: EditMatch[] = []
  const placed: PlacedReplacement[] = []
  for (const [index, edit] of plain.entries()) {
    const found = find(edit)
    if (found.kind === 'none') return notFound(document, plain, index)
    if (found.kind === 'several') return several(found, edit, index)
    if (found.replacements.every((replacement) => changesNothing(document, replacement))) {
      return refusal(
        'no_change',
        index,
        `edits[${index}] changes nothing: the file has its new_text at that place already.`,
      )
    }
    matches.push(found.match)
    for (const replacement of found.replacements) placed.push({ ...replacement, edit: index })
  }
  placed.sort((a, b) => a.start - b.start || a.end - b.end)
  const clash = placed.findIndex(({ start }, index) => index > 0 && start < (placed[index - 1]?.end ?? 0))
  if (clash > 0) return refuseOverlap(document, placed[clash - 1], placed[clash])
  const rewritten = rewrite(document, placed)
  if (rewritten === text)
    return refusal('no_change', 0, 'The edits change nothing: all that they would change is kept.')
  return { ok: true, text: rewritten, applied: appliedEdits(document, matches, placed) }
}

interface PlacedReplacement extends Replacement {
  readonly edit: number
}

function plainEdit({ old_text, new_text, replace_all }: Edit, document: Document): PlainEdit {
  const old = plainText(old_text, document)
  return { given: old_text, old, new: plainText(new_text, document), replaceAll: replace_all === true }
}

/** What is wrong whatever the file holds. */
function refuseAtSight(
  document: Document,
  edits: readonly Edit[],
  plain: readonly PlainEdit[],
): EditOutcome | undefined {
  if (edits.length === 0) return refusal('invalid', 0, '"edits" is empty: give at least one {old_text, new_text}.')
  if (edits.length > mostEdits) {
    return refusal('invalid', mostEdits, `There are ${edits.length} edits; the most in one call is ${mostEdits}.`)
  }
  for (const [index, edit] of plain.entries()) {
    if (!edit.old.isWellFormed() || !edit.new.isWellFormed()) {
      return refusal('invalid', index, `edits[${index}] holds half of a surrogate pair and cannot be stored as text.`)
    }
    if (edit.old === '' && (document.text !== '' || plain.length > 1)) {
      if (document.text !== '') return notEmpty(document, index)
      return refusal('overlap', index, 'The file is empty: give its whole text in one edit with an empty old_text.')
    }
    if (edit.old === edit.new) {
      const kept =
        edits[index]?.old_text === edits[index]?.new_text ? '' : ' (line ends and the byte order mark are kept)'
      return refusal('no_change', index, `edits[${index}] changes nothing: old_text and new_text are the same${kept}.`)
    }
  }
  return undefined
}

function fillEmpty(document: Document, text: string): EditOutcome {
  const filled = rewrite(document, [{ start: 0, end: 0, text }])
  const last = Math.max(1, lineCount(text))
  return { ok: true, text: filled, applied: [{ match: 'exact', places: [{ first: 1, last }] }] }
}

function changesNothing(document: Document, { start, end, text }: Replacement): boolean {
  return document.text.slice(start, end) === text
}

function refuseOverlap(document: Document, one?: PlacedReplacement, other?: PlacedReplacement): EditOutcome {
  const start = other?.start ?? 0
  const end = Math.max(start, Math.min(one?.end ?? start, other?.end ?? start) - 1)
  const [first = 0, second = 0] = [one?.edit ?? 0, other?.edit ?? 0].sort((a, b) => a - b)
  return overlap(first, second, { first: lineAt(document, start) + 1, last: lineAt(document, end) + 1 })
}

function appliedEdits(
  document: Document,
  matches: readonly EditMatch[],
  placed: readonly PlacedReplacement[],
): AppliedEdit[] {
  const places = matches.map((): LineRange[] => [])
  let moved = 0
  for (const { start, end, text, edit } of placed) {
    const first = lineAt(document, start) + 1 + moved
    places[edit]?.push({ first, last: first + Math.max(0, lineCount(text) - 1) })
    moved += newLines(text) - newLines(document.text.slice(start, end))
  }
  return matches.map((match, index) => ({ match, places: places[index] ?? [] }))
}

function newLines(text: string): number {
  return text.split('\n').length - 1
}

function lineCount(text: string): number {
  return newLines(text) + (text.endsWith('\n') || text === '' ? 0 : 1)
}
