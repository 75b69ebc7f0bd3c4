import { lstat, readdir, realpath } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { errorCode, ToolError } from './tool-error.ts'

export type Purpose = 'read' | 'write'

/** Where a path of a call leads: the deepest part that exists, links resolved, and the names below it that do not exist. */
export interface Place {
  /** Relative, with `/`; `.` is the root. This is what people and models see. */
  readonly shown: string
  /** Absolute and real. The whole path when `missing` is empty. */
  readonly existing: string
  readonly missing: readonly string[]
}

/** The one folder that tools may touch, and what in it they may not. */
export interface Workspace {
  /** The real path of the folder. */
  readonly root: string
  /** Relative path of our own state folder when it lies inside the root: keys and journals are nobody's project. */
  readonly closedFolder: string | undefined
  /** Throws ToolError for a path that is malformed, leaves the root, or is closed for the purpose. */
  locate(path: string, purpose: Purpose): Promise<Place>
  /** Throws ToolError unless this absolute real path is inside the root and open for the purpose. */
  check(realPath: string, purpose: Purpose, shown: string): void
  /** An absolute real path as it is shown. */
  show(realPath: string): string
}

export async function createWorkspace(root: string, stateFolder: string): Promise<Workspace> {
  const realRoot = await realpath(root)
  const closed = relativeInside(realRoot, await deepestReal(stateFolder))
  const closedFolder = closed === '.' ? undefined : closed

  function check(realPath: string, purpose: Purpose, shown: string): void {
    const inside = relativeInside(realRoot, realPath)
    if (inside === undefined) throw refused(`"${shown}" leads outside the project folder. Use a path inside it.`)
    if (closedFolder !== undefined && (inside === closedFolder || inside.startsWith(`${closedFolder}/`))) {
      throw refused(`"${shown}" belongs to CodeLab itself and is not open to tools.`)
    }
    if (purpose === 'write') checkProtected(inside, shown)
  }

  async function locate(path: string, purpose: Purpose): Promise<Place> {
    const shown = normalisePath(path)
    if (purpose === 'write') checkProtected(shown, shown)
    const names = shown === '.' ? [] : shown.split('/')
    let existing = realRoot
    for (const [index, name] of names.entries()) {
      const next = await step(existing, name, shown)
      if (next === undefined) {
        check(join(existing, ...names.slice(index)), purpose, shown)
        return { shown, existing, missing: names.slice(index) }
      }
      check(next.realPath, purpose, shown)
      if (!next.isFolder && index < names.length - 1) {
        const file = names.slice(0, index + 1).join('/')
        throw new ToolError(`"${shown}" cannot exist: "${file}" is a file, not a folder.`, 'not a folder')
      }
      existing = next.realPath
    }
    return { shown, existing, missing: [] }
  }

  return { root: realRoot, closedFolder, locate, check, show: (realPath) => toShown(realRoot, realPath) }
}

/**
 * A path as it is compared and shown: NFC, `/`, no `.` and `..` left; `.` for the root.
 * Throws ToolError for what is not a relative path inside the folder.
 */
export function normalisePath(path: string): string {
  const text = path.normalize('NFC').replaceAll('\\', '/')
  if (text.trim() === '') throw refused('The path is empty. Use "." for the project folder.')
  if (text.length > 4096) throw refused('The path is longer than 4096 characters.')
  // Direction overrides would show a person another name than the one they decide about.
  if (/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(text) || !text.isWellFormed()) {
    throw refused('The path contains control characters.')
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^file:/i.test(text)) {
    throw refused(`"${text}" is a URL. Use a path relative to the project folder.`)
  }
  if (text.startsWith('/') || /^[a-z]:/i.test(text)) {
    throw refused(`"${text}" is an absolute path. Use a path relative to the project folder.`)
  }
  if (text.startsWith('~')) throw refused(`"${text}" starts with "~". Use a path relative to the project folder.`)

  const names: string[] = []
  for (const name of text.split('/')) {
    if (name === '' || name === '.') continue
    if (name !== '..') names.push(name)
    else if (names.pop() === undefined)
      throw refused(`"${text}" leads outside the project folder. Use a path inside it.`)
  }
  return names.length === 0 ? '.' : names.join('/')
}

function checkProtected(path: string, shown: string): void {
  for (const name of path.split('/')) {
    // File systems that ignore case, format characters or dots at the end make several spellings one name.
    const plain = name
      .toLowerCase()
      .replace(/\p{Cf}/gu, '')
      .replace(/[. ]+$/u, '')
    if (plain === '.git' || plain === '.ssh') throw refused(`Writing under ${plain}/ is not allowed ("${shown}").`)
  }
}

interface Step {
  readonly realPath: string
  readonly isFolder: boolean
}

/** One name further; undefined when there is nothing of that name. A link is followed to its very end. */
async function step(folder: string, name: string, shown: string): Promise<Step | undefined> {
  const path = await spelling(folder, name)
  if (path === undefined) return undefined
  const stats = await lstat(path)
  if (!stats.isSymbolicLink()) return { realPath: path, isFolder: stats.isDirectory() }
  try {
    const target = await realpath(path)
    return { realPath: target, isFolder: (await lstat(target)).isDirectory() }
  } catch (error) {
    if (errorCode(error) === 'ELOOP')
      throw new ToolError(`"${shown}" is a link that goes in a circle.`, 'link in a circle')
    if (errorCode(error) !== 'ENOENT' && errorCode(error) !== 'ENOTDIR') throw error
    throw new ToolError(`File not found: ${shown} (a link to something that does not exist)`, 'broken link')
  }
}

/** The path of a name as the disk spells it: names made elsewhere may be stored decomposed, paths of calls are NFC. */
async function spelling(folder: string, name: string): Promise<string | undefined> {
  const path = join(folder, name)
  try {
    await lstat(path)
    return path
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is ASCII
  if (/^[\x00-\x7f]*$/.test(name)) return undefined
  const same = (await readdir(folder)).find((entry) => entry.normalize('NFC') === name)
  return same === undefined ? undefined : join(folder, same)
}

async function deepestReal(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    const parent = dirname(path)
    if (errorCode(error) !== 'ENOENT' || parent === path) throw error
    return join(await deepestReal(parent), basename(path))
  }
}

function relativeInside(root: string, path: string): string | undefined {
  if (path === root) return '.'
  const start = root.endsWith(sep) ? root : root + sep
  return path.startsWith(start) ? toShown(root, path) : undefined
}

function toShown(root: string, path: string): string {
  return relative(root, path).split(sep).join('/').normalize('NFC') || '.'
}

function refused(message: string): ToolError {
  return new ToolError(message, 'not allowed')
}
