import { numberedLines } from '@codelab/edits'
import picomatch from 'picomatch'
import {
  counted,
  flag,
  linesOf,
  optionalCount,
  optionalText,
  requiredText,
  type ToolArguments,
  wrong,
} from './arguments.ts'
import { nameOf, normalisePath } from './paths.ts'
import type { Tool } from './tool.ts'
import { ToolError } from './tool-error.ts'

const limits = {
  shownLines: 2000,
  shownCharacters: 50 * 1024,
  items: 1000,
  matches: 100,
  context: 2,
  lineCharacters: 500,
}

export const readFile: Tool = {
  name: 'read_file',
  onlyReads: true,
  plan: (values, { workspace, seen }) => {
    const path = normalisePath(requiredText(values, 'path'))
    const start = optionalCount(values, 'start_line') ?? 1
    const asked = optionalCount(values, 'end_line')
    if (asked !== undefined && asked < start) throw wrong(`"end_line" (${asked}) is before "start_line" (${start}).`)
    const text = workspace.read(path)
    if (text === undefined) throw notFound(path, workspace.isFolder(path), [...workspace.files.keys()])
    return {
      preview: { kind: 'read', path },
      run: () => {
        seen.note(path, text)
        return numbered(path, text, start, asked)
      },
    }
  },
}

function numbered(path: string, text: string, start: number, asked: number | undefined) {
  const lines = linesOf(text)
  if (lines.length === 0) return { text: `${path} is empty.`, result: { success: true, path }, summary: 'empty' }
  if (start > lines.length) {
    throw new ToolError(
      `start_line ${start} is beyond the end: "${path}" has ${counted(lines.length, 'line')}.`,
      'no such line',
    )
  }
  const end = Math.min(asked ?? lines.length, lines.length)
  const shown: string[] = []
  let characters = 0
  for (const line of lines.slice(start - 1, end)) {
    characters += line.length
    if (shown.length >= limits.shownLines || (characters > limits.shownCharacters && shown.length > 0)) break
    shown.push(line)
  }
  const last = start + shown.length - 1
  const next = JSON.stringify({ path, start_line: last + 1 })
  const foot = last < end ? [`[Lines ${last + 1}-${end} are left out. The next ones: read_file ${next}]`] : []
  const head = `${path}, lines ${start}-${last} of ${lines.length}`
  return {
    text: [head, numberedLines(shown, start), ...foot].join('\n'),
    result: { success: true, path, lines_read: shown.length, total_lines: lines.length },
    summary: counted(shown.length, 'line'),
  }
}

/** Says what is missing, and what the name may have been meant for. */
export function notFound(path: string, isFolder: boolean, files: readonly string[]): ToolError {
  if (isFolder) return new ToolError(`"${path}" is a folder, not a file. Use list_files.`, 'is a folder')
  const near = files.filter((file) => nameOf(file).toLowerCase() === nameOf(path).toLowerCase()).slice(0, 3)
  const hint = near.length === 0 ? '' : `. Did you mean ${near.join(' or ')}?`
  return new ToolError(`File not found: ${path}${hint}`, 'file not found')
}

export const listFiles: Tool = {
  name: 'list_files',
  onlyReads: true,
  plan: (values, { workspace }) => {
    const path = normalisePath(optionalText(values, 'path') ?? '.')
    const pattern = optionalText(values, 'pattern')
    const includeHidden = flag(values, 'include_hidden', false)
    // A pattern with a slash can only mean the folders below.
    const recursive = flag(values, 'recursive', false) || pattern?.includes('/') === true
    if (workspace.read(path) !== undefined)
      throw new ToolError(`"${path}" is a file, not a folder. Use read_file.`, 'not a folder')
    if (!workspace.isFolder(path)) throw new ToolError(`Folder not found: ${path}`, 'folder not found')
    const isMatch = matcher(pattern, includeHidden)
    return {
      preview: { kind: 'read', path },
      run: () => {
        const start = path === '.' ? '' : `${path}/`
        const entries = [
          ...[...workspace.folders].map((folder) => ({ type: 'directory', path: folder }) as const),
          ...[...workspace.files].map(([file, text]) => ({ type: 'file', path: file, size: text.length }) as const),
        ]
        const found = entries
          .filter((entry) => entry.path.startsWith(start))
          .map((entry) => ({ ...entry, name: nameOf(entry.path), rest: entry.path.slice(start.length) }))
          .filter(({ rest }) => (recursive || !rest.includes('/')) && (includeHidden || !/(^|\/)\./.test(rest)))
          .filter(({ rest, name }) => isMatch(rest, name))
          .sort((a, b) => Number(b.type === 'directory') - Number(a.type === 'directory') || (a.path < b.path ? -1 : 1))
        const items = found.slice(0, limits.items).map(({ rest: _, ...item }) => item)
        return {
          result: { success: true, path, items, total_count: found.length },
          summary: counted(found.length, 'item'),
        }
      },
    }
  },
}

function matcher(pattern: string | undefined, dot: boolean): (path: string, name: string) => boolean {
  if (pattern === undefined || pattern === '') return () => true
  if (pattern.length > 1000) throw wrong('"pattern" is longer than 1000 characters.')
  const isMatch = picomatch(pattern.replace(/^\.?\//, ''), { dot })
  return pattern.includes('/') ? (path) => isMatch(path) : (_path, name) => isMatch(name)
}

export const searchInCode: Tool = {
  name: 'search_in_code',
  onlyReads: true,
  plan: (values, { workspace }) => {
    const query = requiredText(values, 'query')
    const path = normalisePath(optionalText(values, 'path') || '.')
    const isMatch = matcher(optionalText(values, 'file_pattern'), true)
    const most = Math.min(optionalCount(values, 'max_results') ?? limits.matches, limits.matches)
    const expression = expressionOf(query, values)
    if (!workspace.isFolder(path) && workspace.read(path) === undefined) {
      throw new ToolError(`Path not found: ${path}`, 'path not found')
    }
    return {
      preview: { kind: 'read', path },
      run: () => {
        const files = workspace.isFolder(path)
          ? workspace.below(path).filter((file) => isMatch(file, nameOf(file)))
          : [path]
        const found = files.flatMap((file) => matchesIn(file, workspace.read(file) ?? '', expression))
        const matches = found.slice(0, most)
        const truncated = found.length > matches.length
        return {
          text: searchText(found.length, matches, (file) => linesOf(workspace.read(file) ?? '')),
          result: { query, matches, total_matches: found.length, truncated },
          summary: `${counted(matches.length, 'match', 'matches')}${truncated ? ', and more' : ''}`,
        }
      },
    }
  },
}

function expressionOf(query: string, values: ToolArguments): RegExp {
  if (query === '') throw wrong('"query" is empty.')
  if (query.length > 1000) throw wrong('"query" is longer than 1000 characters.')
  if (/[\0\n\r]/.test(query)) throw wrong('"query" must be one line: matches do not span lines.')
  const source = flag(values, 'regex', false) ? query : query.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  try {
    return new RegExp(source, flag(values, 'case_sensitive', false) ? 'u' : 'iu')
  } catch (error) {
    const why = error instanceof Error ? error.message : ''
    throw new ToolError(`The regular expression is not valid: ${why}`, 'wrong regular expression')
  }
}

interface Match {
  readonly path: string
  readonly line: number
  readonly text: string
}

function matchesIn(path: string, text: string, expression: RegExp): readonly Match[] {
  return linesOf(text).flatMap((line, index) =>
    expression.test(line) ? [{ path, line: index + 1, text: line.slice(0, limits.lineCharacters).toWellFormed() }] : [],
  )
}

/** By file, as grep shows it: `12:` is a match, `12-` a line beside one. */
function searchText(total: number, matches: readonly Match[], read: (path: string) => readonly string[]): string {
  if (total === 0) return 'No match.'
  const files = Map.groupBy(matches, ({ path }) => path)
  const rows = [`${counted(total, 'match', 'matches')} in ${counted(files.size, 'file')}`]
  for (const [path, found] of files) {
    rows.push(path)
    const lines = read(path)
    const hits = new Set(found.map(({ line }) => line))
    const near = new Set(
      found.flatMap(({ line }) =>
        Array.from({ length: limits.context * 2 + 1 }, (_, at) => line - limits.context + at),
      ),
    )
    let last = 0
    for (const number of [...near].filter((line) => line >= 1 && line <= lines.length).sort((a, b) => a - b)) {
      if (last > 0 && number > last + 1) rows.push('--')
      rows.push(`${number}${hits.has(number) ? ':' : '-'}\t${lines[number - 1]?.slice(0, limits.lineCharacters) ?? ''}`)
      last = number
    }
  }
  if (total > matches.length)
    rows.push(`[${total - matches.length} of ${total} matches are left out. Use a narrower query.]`)
  return rows.join('\n')
}
