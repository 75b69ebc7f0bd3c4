import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { execa } from 'execa'
import { cutText } from './cut-text.ts'
import type { CallPreview, RunOptions, ToolOutcome } from './executor.ts'
import type { ExecutorLimits } from './limits.ts'
import { type OpenFolder, openFolder } from './open-folder.ts'
import type { Place, Workspace } from './paths.ts'
import { type FoundLine, type Match, readFoundLine } from './ripgrep-output.ts'
import { type Found, type SearchRequest, searchText } from './search-text.ts'
import type { Tool, ToolOptions } from './tool.ts'
import { flag, optionalCount, optionalText, requiredText, type ToolArguments, wrong } from './tool-arguments.ts'
import { interrupted, ToolError } from './tool-error.ts'
import { counted } from './wording.ts'

const defaultResults = 100

/**
 * What a search through a folder leaves out, whatever the pattern: reading these asks a person (`.env`, private keys), a match
 * must not show them unasked. A pattern would otherwise bring in hidden and ignored files.
 */
const leftOut = [
  '.git',
  'node_modules',
  '.ssh',
  '.env',
  '.env.*',
  '*.pem',
  '*.key',
  'id_rsa*',
  'id_dsa*',
  'id_ecdsa*',
  'id_ed25519*',
]

export function createSearchInCode(workspace: Workspace, limits: ExecutorLimits): Tool {
  async function run(values: ToolArguments, options: ToolOptions): Promise<ToolOutcome> {
    const request = readRequest(values, limits)
    const place = await workspace.locate(request.path, 'read')
    if (place.missing.length > 0) throw new ToolError(`Path not found: ${place.shown}`, 'path not found')
    const isFolder = (await stat(place.existing)).isDirectory()
    const start = isFolder ? place.existing : dirname(place.existing)
    const folder = await openFolder(workspace, start, 'read', place.shown)
    try {
      const target = isFolder ? '.' : `./${basename(place.existing)}`
      const found = await search(workspace, folder, target, request, limits, options)
      const shown = found.lines.filter(({ isMatch }) => isMatch)
      const matches = shown.map(({ path, line, text }): Match => ({ path, line, text }))
      const truncated = found.stopped || found.total > matches.length
      const text = cutText(searchText(request, found), limits.shownBytes, options.callId ?? '')
      return {
        ok: true,
        result: { query: request.query, matches, total_matches: found.total, truncated },
        ...text,
        summary: `${counted(matches.length, 'match', 'matches')}${truncated ? ', and more' : ''}`,
      }
    } finally {
      await folder.close()
    }
  }

  async function preview(values: ToolArguments): Promise<CallPreview> {
    const place: Place = await workspace.locate(readRequest(values, limits).path, 'read')
    return { kind: 'read', path: place.shown }
  }

  return { name: 'search_in_code', hasEffects: false, run, preview }
}

function readRequest(values: ToolArguments, limits: ExecutorLimits): SearchRequest {
  const query = requiredText(values, 'query')
  if (query === '') throw wrong('"query" is empty.')
  if (query.length > limits.queryCharacters) throw wrong(`"query" is longer than ${limits.queryCharacters} characters.`)
  if (/[\0\n\r]/.test(query)) throw wrong('"query" must be one line: matches do not span lines.')
  const filePattern = optionalText(values, 'file_pattern')?.replace(/^\.?\//, '')
  if (filePattern?.includes('\0') === true || (filePattern?.length ?? 0) > 1000)
    throw wrong('"file_pattern" is not a glob.')
  return {
    query,
    path: optionalText(values, 'path') || '.',
    filePattern: filePattern === '' || /^\*+(?:\/\*+)*$/.test(filePattern ?? '') ? undefined : filePattern,
    caseSensitive: flag(values, 'case_sensitive', false),
    regex: flag(values, 'regex', false),
    maxResults: Math.min(optionalCount(values, 'max_results') ?? defaultResults, limits.searchResults),
  }
}

function ripgrepArguments(
  workspace: Workspace,
  folder: OpenFolder,
  target: string,
  request: SearchRequest,
  limits: ExecutorLimits,
): string[] {
  const inFolder = target === '.'
  const closed =
    workspace.closedFolder === undefined ? [] : closedGlobs(workspace.closedFolder, workspace.show(folder.realPath))
  return [
    ...[
      '--json',
      '--no-config',
      '--no-messages',
      '--no-follow',
      '--no-require-git',
      '--sort=path',
      '--max-filesize=10M',
    ],
    `--context=${limits.searchContext}`,
    request.caseSensitive ? '--case-sensitive' : '--ignore-case',
    // The second engine takes over for what the first lacks, as look-ahead.
    request.regex ? '--engine=auto' : '--fixed-strings',
    ...(request.filePattern !== undefined && inFolder ? [`--glob=${request.filePattern}`] : []),
    ...(inFolder ? [...leftOut.map((name) => `--glob=!${name}`), ...closed] : []),
    `--regexp=${request.query}`,
    '--',
    target,
  ]
}

function closedGlobs(closed: string, start: string): string[] {
  if (start === '.') return [`--glob=!/${closed}`]
  return closed.startsWith(`${start}/`) ? [`--glob=!/${closed.slice(start.length + 1)}`] : []
}

async function search(
  workspace: Workspace,
  folder: OpenFolder,
  target: string,
  request: SearchRequest,
  limits: ExecutorLimits,
  options: RunOptions,
): Promise<Found> {
  const timeout = AbortSignal.timeout(limits.searchMs)
  const subprocess = execa(await ripgrepPath(), ripgrepArguments(workspace, folder, target, request, limits), {
    cwd: folder.path,
    stdin: 'ignore',
    buffer: { stdout: false, stderr: true },
    maxBuffer: { stderr: 20_000 },
    reject: false,
    cancelSignal: options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]),
    forceKillAfterDelay: limits.abortGraceMs,
  })
  const start = workspace.show(folder.realPath)
  const found = { lines: [] as FoundLine[], total: 0, left: new Map<string, number>(), stopped: false }
  for await (const line of subprocess.iterable({ from: 'stdout' })) {
    const read = readFoundLine(line, start, limits.searchLineCharacters)
    if (read === undefined) continue
    if (found.total >= limits.searchCounted && read.isMatch) {
      found.stopped = true
      break
    }
    if (read.isMatch) found.total++
    const isShown = found.total < request.maxResults || (found.total === request.maxResults && found.left.size === 0)
    if (isShown) found.lines.push(read)
    else if (read.isMatch) found.left.set(read.path, (found.left.get(read.path) ?? 0) + 1)
  }
  subprocess.kill()
  const { stderr, exitCode, code } = await subprocess
  if (code === 'ENOENT') throw noRipgrep()
  if (options.signal?.aborted === true) throw interrupted()
  if (timeout.aborted) found.stopped = true
  if (exitCode === 2 && stderr !== '' && !found.stopped) throw badPattern(stderr)
  return found
}

/** Of the package, else the one on the machine. */
async function ripgrepPath(): Promise<string> {
  try {
    const { rgPath } = await import('@vscode/ripgrep')
    await access(rgPath, constants.X_OK)
    return rgPath
  } catch {
    return 'rg'
  }
}

function noRipgrep(): ToolError {
  return new ToolError(
    'Searching needs ripgrep, which is not installed for this platform. Use execute_command with grep.',
    'no ripgrep',
  )
}

function badPattern(stderr: string): ToolError {
  const text = stderr.replaceAll(/^rg: /gm, '').trim().slice(0, 1000)
  if (text.includes('glob')) return new ToolError(`"file_pattern" is not valid: ${text}`, 'wrong file pattern')
  // Both engines have their say; the first one's is the one that people know.
  const first = /default regex engine error:\n~+\n([^~]+)/.exec(text)?.[1]?.trim() ?? text
  return new ToolError(`The regular expression is not valid: ${first}`, 'wrong regular expression')
}
