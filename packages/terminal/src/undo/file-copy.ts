import { lstat, readFile, realpath } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'

export interface FileCopy {
  /** Null when there is no file. */
  readonly bytes: Buffer | null
  readonly mode: number
  readonly isTooLarge: boolean
  /** Folders above it that are not there, outermost first, relative to the root. */
  readonly newFolders: readonly string[]
}

const maxCopyBytes = 10 * 1024 * 1024

/** What is at a path inside the root. Undefined for a path that leads out of it, and for what is no file. */
export async function captureFile(root: string, path: string): Promise<FileCopy | undefined> {
  const file = resolve(root, path)
  const place = await placeOf(root, file)
  if (!place) return undefined
  const { newFolders } = place
  const stats = await lstat(file).catch(() => undefined)
  if (!stats) return { bytes: null, mode: 0o644, isTooLarge: false, newFolders }
  if (!stats.isFile()) return undefined
  const mode = stats.mode & 0o777
  if (stats.size > maxCopyBytes) return { bytes: null, mode, isTooLarge: true, newFolders }
  return { bytes: await readFile(file), mode, isTooLarge: false, newFolders }
}

/** Where a path lies: its nearest folder that exists must be inside the root, links followed. */
async function placeOf(root: string, file: string): Promise<{ newFolders: string[] } | undefined> {
  const inside = (path: string) => path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)
  if (!inside(file) || file === root) return undefined
  const newFolders: string[] = []
  for (let at = dirname(file); inside(at); at = dirname(at)) {
    const real = await realpath(at).catch(() => undefined)
    if (real !== undefined) return inside(real) ? { newFolders } : undefined
    newFolders.unshift(relative(root, at))
  }
  return undefined
}

/** The real place of a path, for writing there. */
export async function realPlace(root: string, path: string): Promise<string | undefined> {
  const file = resolve(root, path)
  const place = await placeOf(root, file)
  if (!place || place.newFolders.length > 0) return undefined
  return join(await realpath(dirname(file)), file.slice(dirname(file).length + 1))
}
