import type { FoundLine } from './ripgrep-output.ts'
import { counted } from './wording.ts'

export interface SearchRequest {
  readonly query: string
  readonly path: string
  readonly filePattern: string | undefined
  readonly caseSensitive: boolean
  readonly regex: boolean
  readonly maxResults: number
}

/** What a search came to. */
export interface Found {
  /** Matches that are shown, and the lines round them. */
  readonly lines: readonly FoundLine[]
  /** Matches in all, as far as they were counted. */
  readonly total: number
  /** Matches that are not shown, by file. */
  readonly left: ReadonlyMap<string, number>
  /** Not everything was looked at. */
  readonly stopped: boolean
}

/** By file, as grep shows it: `12:` is a match, `12-` a line beside one. */
export function searchText(request: SearchRequest, found: Found): string {
  const { lines, total, stopped } = found
  const files = new Set([...lines.map(({ path }) => path), ...found.left.keys()]).size
  const least = stopped ? 'at least ' : ''
  if (total === 0) {
    const more = stopped ? ' before the time was up; give a path or a file_pattern' : hintFor(request)
    return `No match${more}.`
  }
  const rows = [`${least}${counted(total, 'match', 'matches')} in ${counted(files, 'file')}`]
  let last: FoundLine | undefined
  for (const line of lines) {
    if (line.path !== last?.path) rows.push(line.path)
    else if (line.line !== last.line + 1) rows.push('--')
    rows.push(`${line.line}${line.isMatch ? ':' : '-'}\t${line.text}`)
    last = line
  }
  return [...rows, ...leftNotes(request, found)].join('\n')
}

function hintFor({ regex, caseSensitive, filePattern, path }: SearchRequest): string {
  const narrowed = [
    ...(caseSensitive ? ['case counts'] : []),
    ...(filePattern === undefined ? [] : [`only ${filePattern}`]),
    ...(path === '.' ? [] : [`only in ${path}`]),
    ...(regex ? [] : ['taken as plain text']),
  ]
  return narrowed.length === 0 ? '' : ` (${narrowed.join(', ')})`
}

function leftNotes(request: SearchRequest, { lines, total, left }: Found): string[] {
  const [first] = left.keys()
  if (first === undefined) return []
  const missing = [...left.values()].reduce((sum, count) => sum + count, 0)
  const files = [...left].slice(0, 10).map(([path, count]) => `${path} (${count})`)
  const more = left.size > files.length ? `, and ${left.size - files.length} more files` : ''
  const next = { query: request.query, path: first, ...(request.regex ? { regex: true } : {}) }
  // One file that holds more than one answer takes must be read instead.
  const isSameAgain = lines.at(-1)?.path === first && left.size === 1 && request.path === first
  const line = lines.at(-1)?.line ?? 1
  const call = isSameAgain
    ? `read_file ${JSON.stringify({ path: first, start_line: line + 1 })}`
    : `search_in_code ${JSON.stringify(next)}`
  return [
    `[${missing} of ${total} matches are left out: ${files.join(', ')}${more}. Next: ${call}, or a narrower query or file_pattern.]`,
  ]
}
