import { constants, existsSync } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, readlink, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Place, Purpose, Workspace } from './paths.ts'
import { errorCode, ToolError } from './tool-error.ts'

/**
 * A folder held open and known to lie inside the root. On Linux everything below it is named through its descriptor, so that
 * nobody can put a link in its way between the check and the use; elsewhere it is named by its real path and checked again.
 */
export interface OpenFolder {
  /** Names the folder for system calls and as the working directory of a child. */
  readonly path: string
  /** Where it really is. */
  readonly realPath: string
  /** Names an entry for system calls. */
  at(name: string): string
  close(): Promise<void>
}

export interface RegularFile {
  readonly bytes: Buffer
  /** Permission bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

const byDescriptor = process.platform === 'linux' && existsSync('/proc/self/fd')

/** Opens a folder that `locate` found. Throws ToolError when it is elsewhere by now. */
export async function openFolder(
  workspace: Workspace,
  path: string,
  purpose: Purpose,
  shown: string,
): Promise<OpenFolder> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    const realPath = await locationOf(handle, path)
    workspace.check(realPath, purpose, shown)
    const named = byDescriptor ? `/proc/self/fd/${handle.fd}` : realPath
    return { path: named, realPath, at: (name) => join(named, name), close: () => handle.close() }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** Opens the folder that a file is in, and gives the file's name there. */
export async function openParent(workspace: Workspace, place: Place, purpose: Purpose): Promise<[OpenFolder, string]> {
  const folder = await openFolder(workspace, dirname(place.existing), purpose, place.shown)
  return [folder, basename(place.existing)]
}

/** Goes down from a folder by the names, creating each that is not there. Closes every folder but the one it returns. */
export async function createFolders(
  workspace: Workspace,
  start: string,
  names: readonly string[],
  shown: string,
): Promise<OpenFolder> {
  let folder = await openFolder(workspace, start, 'write', shown)
  for (const name of names) {
    const parent = folder
    try {
      await mkdir(parent.at(name)).catch((error: unknown) => {
        if (errorCode(error) !== 'EEXIST') throw error
      })
      folder = await openFolder(workspace, parent.at(name), 'write', shown)
    } finally {
      await parent.close()
    }
  }
  return folder
}

/** Reads a regular file of the folder without following a link. Throws ToolError for anything else and beyond the limit. */
export async function readRegularFile(
  workspace: Workspace,
  folder: OpenFolder,
  name: string,
  limit: number,
  shown: string,
): Promise<RegularFile | 'too large'> {
  const path = folder.at(name)
  // Without O_NONBLOCK, opening a pipe would wait for a writer.
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const stats = await handle.stat()
    if (stats.isDirectory()) throw new ToolError(`"${shown}" is a folder, not a file. Use list_files.`, 'is a folder')
    if (!stats.isFile()) throw new ToolError(`"${shown}" is not a regular file.`, 'not a file')
    workspace.check(await locationOf(handle, path), 'read', shown)
    if (stats.size > limit) return 'too large'
    const bytes = await readAtMost(handle, limit + 1, stats.size)
    return bytes.length > limit ? 'too large' : { bytes, mode: stats.mode & 0o777, uid: stats.uid, gid: stats.gid }
  } finally {
    await handle.close()
  }
}

/** The real path of what is open, not of what has that name now. */
async function locationOf(handle: FileHandle, path: string): Promise<string> {
  if (byDescriptor) return readlink(`/proc/self/fd/${handle.fd}`)
  const realPath = await realpath(path)
  const [opened, named] = await Promise.all([handle.stat({ bigint: true }), lstat(realPath, { bigint: true })])
  if (opened.dev !== named.dev || opened.ino !== named.ino) {
    throw new ToolError('The file or folder was replaced while it was opened. Try again.', 'changed meanwhile')
  }
  return realPath
}

async function readAtMost(handle: FileHandle, limit: number, expected: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  while (length < limit) {
    const size = Math.min(limit - length, Math.max(expected + 1 - length, 64 * 1024))
    const chunk = Buffer.allocUnsafe(size)
    const { bytesRead } = await handle.read(chunk, 0, size)
    if (bytesRead === 0) break
    chunks.push(chunk.subarray(0, bytesRead))
    length += bytesRead
  }
  const [only] = chunks
  return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks, length)
}
