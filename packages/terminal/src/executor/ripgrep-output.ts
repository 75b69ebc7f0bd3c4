import { posix } from 'node:path'

export interface Match {
  /** Relative to the root. */
  readonly path: string
  /** From 1. */
  readonly line: number
  /** Without its line end, cut round the match when it is long. */
  readonly text: string
}

/** A line of a file that matches, or that stands beside one that does. */
export interface FoundLine extends Match {
  readonly isMatch: boolean
}

/** ripgrep's JSON gives bytes in Base64 where they are not UTF-8. */
interface Data {
  readonly text?: string
  readonly bytes?: string
}

/**
 * One line of `rg --json`; undefined for anything but a line of a file.
 * @param start the folder that was searched, relative to the root
 */
export function readFoundLine(json: string, start: string, limit: number): FoundLine | undefined {
  const message: { type?: string; data?: MatchData } = JSON.parse(json)
  const data = message.data
  const isMatch = message.type === 'match'
  if (!(isMatch || message.type === 'context') || data?.path === undefined || data.lines === undefined) return undefined
  const lines = bytesOf(data.lines)
  const before = lines.subarray(0, data.submatches?.[0]?.start ?? 0).toString().length
  const text = lines.toString().replace(/\r?\n$/, '')
  return {
    path: posix.join(start, bytesOf(data.path).toString()).normalize('NFC'),
    line: data.line_number ?? 0,
    text: excerpt(text, before, limit),
    isMatch,
  }
}

interface MatchData {
  readonly path?: Data
  readonly lines?: Data
  readonly line_number?: number | null
  readonly submatches?: readonly { readonly start: number }[]
}

function bytesOf(data: Data): Buffer {
  return data.bytes === undefined ? Buffer.from(data.text ?? '', 'utf8') : Buffer.from(data.bytes, 'base64')
}

/** At most `limit` characters, with the match in them. */
function excerpt(text: string, at: number, limit: number): string {
  if (text.length <= limit) return text
  const from = at < limit * 0.8 ? 0 : at - Math.floor(limit * 0.2)
  const start = from > 0 ? '…' : ''
  const room = limit - start.length
  const end = from + room < text.length ? '…' : ''
  return (start + text.slice(from, from + room - end.length) + end).toWellFormed()
}
