import { numberedLines } from '@codelab/edits'
import type { ExecutorLimits } from './limits.ts'
import { counted } from './wording.ts'

interface NumberedPart {
  readonly text: string
  /** Lines that are in it. */
  readonly lines: number
  /** Something of what was asked for is missing. */
  readonly isCut: boolean
}

/** The asked lines of a file as a model reads them: numbered, as many as fit, and below them what is missing and how to get it. */
export function numberedPart(
  shown: string,
  text: string,
  asked: { readonly start: number; readonly end: number; readonly total: number },
  limits: ExecutorLimits,
): NumberedPart {
  const { start, total } = asked
  if (total === 0) return { text: `${shown} is empty.`, lines: 0, isCut: false }
  const end = Math.min(asked.end, total)
  const { lines, long } = linesThatFit(text, start, end, limits)
  const last = start + lines.length - 1
  const ends = /\r\n/.test(text) ? `, ${/[^\r]\n/.test(text) ? 'mixed' : 'CRLF'} line ends` : ''
  const notes: string[] = []
  if (last === total && !text.endsWith('\n')) notes.push(`Line ${total} has no line end.`)
  const [firstLong] = long
  if (firstLong !== undefined) {
    const from = limits.shownLineCharacters
    const command = `sed -n ${firstLong}p ${shellWord(shown)} | cut -c${from + 1}-${from * 2}`
    notes.push(
      `${counted(long.length, 'line')} cut after ${from} characters: ${long.slice(0, 20).join(', ')}. More of the first: execute_command ${JSON.stringify({ command, shell: true })}`,
    )
  }
  if (last < end) {
    const next = { path: shown, start_line: last + 1, ...(end < total ? { end_line: end } : {}) }
    notes.push(`Lines ${last + 1}-${end} are left out. The next ones: read_file ${JSON.stringify(next)}`)
  }
  const head = `${shown}, lines ${start}-${last} of ${total}${ends}`
  const foot = notes.map((note) => `[${note}]`)
  return {
    text: [head, numberedLines(lines, start), ...foot].join('\n'),
    lines: lines.length,
    isCut: last < end || long.length > 0,
  }
}

function linesThatFit(
  text: string,
  start: number,
  end: number,
  limits: ExecutorLimits,
): { lines: string[]; long: number[] } {
  const lines: string[] = []
  const long: number[] = []
  let at = 0
  for (let line = 1; line < start; line++) at = text.indexOf('\n', at) + 1
  let bytes = 0
  for (let line = start; line <= end && lines.length < limits.shownLines; line++) {
    const found = text.indexOf('\n', at)
    const whole = text.slice(at, found === -1 ? text.length : found).replace(/\r$/, '')
    const isLong = whole.length > limits.shownLineCharacters
    const shown = isLong
      ? `${whole.slice(0, limits.shownLineCharacters).toWellFormed()}… [${whole.length - limits.shownLineCharacters} more characters]`
      : whole
    bytes += Buffer.byteLength(shown) + String(line).length + 2
    if (bytes > limits.shownBytes && lines.length > 0) break
    if (isLong) long.push(line)
    lines.push(shown)
    at = found + 1
  }
  return { lines, long }
}

/** A path as one word of a shell. */
function shellWord(path: string): string {
  return /^[\w./-]+$/.test(path) && !path.startsWith('-') ? path : `'${path.replaceAll("'", `'\\''`)}'`
}
