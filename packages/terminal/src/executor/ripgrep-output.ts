import { posix } from 'node:path'

export interface Match {
  /** Relative to the root. */
  readonly path: string
  /** From 1. */
  readonly line: number
  /** Without its line end, cut round the match when it is long. */
  readonly text: string
}

/** ripgrep's JSON gives bytes in Base64 where they are not UTF-8. */
interface Data {
  readonly text?: string
  readonly bytes?: string
}

/**
 * One line of `rg --json`; undefined for anything but a match.
 * @param start the folder that was searched, relative to the root
 */
export function readMatch(json: string, start: string, limit: number): Match | undefined {
  const message: { type?: string; data?: MatchData } = JSON.parse(json)
  const data = message.data
  if (message.type !== 'match' || data?.path === undefined || data.lines === undefined) return undefined
  const lines = bytesOf(data.lines)
  const before = lines.subarray(0, data.submatches?.[0]?.start ?? 0).toString().length
  const text = lines.toString().replace(/\r?\n$/, '')
  return {
    path: posix.join(start, bytesOf(data.path).toString()).normalize('NFC'),
    line: data.line_number ?? 0,
    text: excerpt(text, before, limit),
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
