import type { Dirent } from 'node:fs'
import { lstat, opendir, realpath, stat } from 'node:fs/promises'
import { relative } from 'node:path'
import picomatch from 'picomatch'
import type { CallPreview, RunOptions, ToolOutcome } from './executor.ts'
import { type IgnoredPaths, ignoredAbove, nothingIgnored } from './ignored-paths.ts'
import type { ExecutorLimits } from './limits.ts'
import { type OpenFolder, openFolder } from './open-folder.ts'
import type { Workspace } from './paths.ts'
import type { Tool } from './tool.ts'
import { flag, optionalText, type ToolArguments, wrong } from './tool-arguments.ts'
import { errorCode, interrupted, ToolError } from './tool-error.ts'
import { counted } from './wording.ts'

/** Neither is ever the answer to "what is in this project", and either may hold a hundred thousand files. */
const closedFolders = new Set(['.git', 'node_modules'])

export function createListFiles(workspace: Workspace, limits: ExecutorLimits): Tool {
  async function run(values: ToolArguments, options: RunOptions): Promise<ToolOutcome> {
    const request = readRequest(values)
    const place = await workspace.locate(request.path, 'read')
    if (place.missing.length > 0) throw new ToolError(`Folder not found: ${place.shown}`, 'folder not found')
    if (!(await stat(place.existing)).isDirectory()) {
      throw new ToolError(`"${place.shown}" is a file, not a folder. Use read_file.`, 'not a folder')
    }
    const walk: Walk = {
      workspace,
      request,
      limits,
      signal: options.signal,
      found: [],
      matching: 0,
      visited: 0,
      cut: false,
    }
    await walkFrom(walk, place.existing)
    const items = walk.found.sort(byKindAndPath)
    const truncated = walk.cut || walk.matching > items.length
    return {
      ok: true,
      result: {
        success: true,
        path: place.shown,
        items,
        total_count: walk.matching,
        ...(truncated ? { truncated } : {}),
      },
      summary: counted(walk.matching, 'item'),
    }
  }

  async function preview(values: ToolArguments): Promise<CallPreview> {
    return { kind: 'read', path: (await workspace.locate(readRequest(values).path, 'read')).shown }
  }

  return { name: 'list_files', hasEffects: false, run, preview }
}

interface ListRequest {
  readonly path: string
  readonly recursive: boolean
  readonly includeHidden: boolean
  readonly matches: (path: string, name: string) => boolean
}

interface Item {
  readonly name: string
  readonly path: string
  readonly type: 'directory' | 'file' | 'link'
  readonly size?: number
}

interface Walk {
  readonly workspace: Workspace
  readonly request: ListRequest
  readonly limits: ExecutorLimits
  readonly signal: AbortSignal | undefined
  readonly found: Item[]
  matching: number
  visited: number
  cut: boolean
}

function readRequest(values: ToolArguments): ListRequest {
  const pattern = optionalText(values, 'pattern')
  const includeHidden = flag(values, 'include_hidden', false)
  // A pattern with a slash can only mean the folders below.
  const recursive = flag(values, 'recursive', false) || pattern?.includes('/') === true
  return {
    path: optionalText(values, 'path') ?? '.',
    recursive,
    includeHidden,
    matches: matcher(pattern, includeHidden),
  }
}

function matcher(pattern: string | undefined, dot: boolean): ListRequest['matches'] {
  if (pattern === undefined || pattern === '') return () => true
  if (pattern.length > 1000) throw wrong('"pattern" is longer than 1000 characters.')
  const isMatch = picomatch(pattern.replace(/^\.?\//, ''), { dot })
  return pattern.includes('/') ? (path) => isMatch(path) : (_path, name) => isMatch(name)
}

/** Breadth first, so that what is cut at the limit is the deepest and not the last in the alphabet. */
async function walkFrom(walk: Walk, start: string): Promise<void> {
  const { workspace, request } = walk
  // Not `show`: what is opened again must be spelled as the disk spells it.
  const top = relative(workspace.root, start) || '.'
  let level = [{ path: top, ignored: request.recursive ? await ignoredAbove(workspace, top) : nothingIgnored }]
  while (level.length > 0) {
    const next: typeof level = []
    for (const { path, ignored } of level) {
      if (walk.signal?.aborted === true) throw interrupted()
      const folder = await openListed(walk, path, path === top)
      if (folder === undefined) continue
      try {
        const rules = request.recursive ? await ignored.within(folder, path) : ignored
        for (const below of await listFolder(walk, folder, path, top, rules)) next.push({ path: below, ignored: rules })
      } finally {
        await folder.close()
      }
    }
    level = next
  }
}

/** A folder below that cannot be opened, or that became something else, is left out. */
async function openListed(walk: Walk, path: string, isTop: boolean): Promise<OpenFolder | undefined> {
  try {
    return await openFolder(walk.workspace, `${walk.workspace.root}/${path}`, 'read', path)
  } catch (error) {
    if (isTop || errorCode(error) === 'EMFILE') throw error
    return undefined
  }
}

/** Adds what matches in one folder; returns the folders to go into. */
async function listFolder(
  walk: Walk,
  folder: OpenFolder,
  path: string,
  top: string,
  ignored: IgnoredPaths,
): Promise<string[]> {
  const below: string[] = []
  for (const entry of await entriesOf(walk, folder)) {
    const entryPath = path === '.' ? entry.name : `${path}/${entry.name}`
    if (!walk.request.includeHidden && entry.name.startsWith('.')) continue
    if (walk.request.recursive && ignored.ignores(entryPath, entry.isDirectory())) continue
    if (entryPath === walk.workspace.closedFolder) continue
    const goesInto = walk.request.recursive && entry.isDirectory() && !closedFolders.has(entry.name)
    if (goesInto) below.push(entryPath)
    const fromTop = top === '.' ? entryPath : entryPath.slice(top.length + 1)
    if (!walk.request.matches(fromTop.normalize('NFC'), entry.name.normalize('NFC'))) continue
    walk.matching++
    if (walk.found.length < walk.limits.listItems) walk.found.push(await describe(walk, folder, entry, entryPath))
  }
  return below
}

async function entriesOf(walk: Walk, folder: OpenFolder): Promise<Dirent[]> {
  const entries: Dirent[] = []
  for await (const entry of await opendir(folder.path, { bufferSize: 256 })) {
    if (walk.visited >= walk.limits.listVisited) {
      walk.cut = true
      break
    }
    walk.visited++
    entries.push(entry)
  }
  return entries.sort((a, b) => compare(a.name, b.name))
}

async function describe(walk: Walk, folder: OpenFolder, entry: Dirent, path: string): Promise<Item> {
  const named = { name: entry.name.normalize('NFC'), path: path.normalize('NFC') }
  if (entry.isDirectory()) return { ...named, type: 'directory' }
  try {
    if (!entry.isSymbolicLink()) return { ...named, type: 'file', size: (await lstat(folder.at(entry.name))).size }
    const target = await realpath(folder.at(entry.name))
    walk.workspace.check(target, 'read', path)
    const stats = await lstat(target)
    return stats.isDirectory() ? { ...named, type: 'directory' } : { ...named, type: 'file', size: stats.size }
  } catch {
    // A link to outside, to nothing or to itself says only that it is one.
    return { ...named, type: entry.isSymbolicLink() ? 'link' : 'file' }
  }
}

function byKindAndPath(a: Item, b: Item): number {
  const kinds = Number(b.type === 'directory') - Number(a.type === 'directory')
  return kinds !== 0 ? kinds : compare(a.path, b.path)
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
