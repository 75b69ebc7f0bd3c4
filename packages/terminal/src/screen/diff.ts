import type { DiffRow, FileChange } from '../conversation/file-change.ts'
import type { Style } from './style.ts'
import { cut, reveal, splitGraphemes, widthOf } from './text.ts'

/** The rows of a change at this width: old number, new number, sign, line. Long lines are cut, or broken with `wrapped`. */
export function renderDiff(
  change: FileChange,
  width: number,
  style: Style,
  options: { wrapped?: boolean } = {},
): string[] {
  const largest = Math.max(
    1,
    ...change.rows.map((row) => ('parts' in row ? Math.max(row.before ?? 0, row.after ?? 0) : 0)),
  )
  const digits = Math.max(2, String(largest).length)
  return change.rows.flatMap((row) => {
    if (!('parts' in row)) return noteRow(row, digits, width, style)
    const parts = row.parts.map(({ text, changed }) => ({ text: reveal(text), changed }))
    const room = Math.max(8, width - 2 * digits - 4)
    const rows = options.wrapped ? breakParts(parts, room) : [parts]
    return rows.map((shown, index) => lineRow(row, shown, { digits, room, isFirst: index === 0 }, style))
  })
}

type LineRow = Extract<DiffRow, { parts: unknown }>
type Parts = readonly { readonly text: string; readonly changed: boolean }[]

function noteRow(row: Exclude<DiffRow, LineRow>, digits: number, width: number, style: Style): string {
  const indent = ' '.repeat(row.kind === 'hunk' ? digits + 1 : 2 * digits + 4)
  return style.paint('dim', cut(indent + row.text, width, style.marks.more))
}

function lineRow(
  row: LineRow,
  parts: Parts,
  place: { digits: number; room: number; isFirst: boolean },
  style: Style,
): string {
  const { digits, room, isFirst } = place
  const number = (value: number | undefined) => (value === undefined || !isFirst ? '' : String(value)).padStart(digits)
  const numbers = `${number(row.before)} ${number(row.after)} `
  const { kind } = row
  if (kind === 'context') {
    const text = cut(parts.map((part) => part.text).join(''), room, style.marks.more)
    return `${style.paint('dim', numbers)}  ${text}`.trimEnd()
  }
  const sign = isFirst ? (kind === 'added' ? '+' : '-') : ' '
  const head = style.diff(kind, style.paint(kind === 'added' ? 'ok' : 'bad', `${numbers}${sign} `))
  const body = cut(parts.map((part) => style.diff(kind, part.text, part.changed)).join(''), room, style.marks.more)
  if (!style.hasColour) return `${head}${body}`.trimEnd()
  return head + body + style.diff(kind, ' '.repeat(Math.max(0, room - widthOf(body))))
}

/** The parts of a line in rows of at most `room` columns. */
function breakParts(parts: Parts, room: number): Parts[] {
  const rows: { text: string; changed: boolean }[][] = [[]]
  let used = 0
  for (const { text, changed } of parts) {
    for (const character of splitGraphemes(text)) {
      const width = widthOf(character)
      if (used + width > room) {
        rows.push([])
        used = 0
      }
      const row = rows.at(-1) ?? []
      const last = row.at(-1)
      if (last?.changed === changed) last.text += character
      else row.push({ text: character, changed })
      used += width
    }
  }
  return rows
}

/** `+5 −2`, with the added part in its colour. */
export function renderCounts(change: { readonly added: number; readonly removed: number }, style: Style): string {
  const added = style.paint('ok', `+${change.added}`)
  return change.removed === 0 ? added : `${added} ${style.paint('bad', `${style.marks.minus}${change.removed}`)}`
}
