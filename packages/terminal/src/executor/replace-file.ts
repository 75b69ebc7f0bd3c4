import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access, type FileHandle, open, rename, unlink } from 'node:fs/promises'
import type { Backups } from './backups.ts'
import type { ExecutorLimits } from './limits.ts'
import {
  createFolders,
  type OpenFolder,
  openFolder,
  openParent,
  type RegularFile,
  readRegularFile,
} from './open-folder.ts'
import type { Place, Workspace } from './paths.ts'
import { byteOrderMark } from './text-encoding.ts'
import { asToolError, errorCode, ToolError } from './tool-error.ts'
import { megabytes } from './wording.ts'

/** Where a file is to be written. Throws ToolError for a folder, for a link to nothing, and where folders are missing and not wanted. */
export async function locateTarget(workspace: Workspace, path: string, createDirs: boolean): Promise<Place> {
  if (/[\\/]$/.test(path)) {
    throw new ToolError(`"${path}" names a folder. Use create_directory, or give a file name.`, 'is a folder')
  }
  const place = await workspace.locate(path, 'write').catch((error: unknown) => {
    if (!(error instanceof ToolError && error.summary === 'broken link')) throw error
    throw new ToolError(
      `"${path}" goes through a link to something that does not exist. Nothing was written.`,
      'broken link',
    )
  })
  if (place.existing === workspace.root && place.missing.length === 0) {
    throw new ToolError('"." is a folder, not a file.', 'is a folder')
  }
  if (place.missing.length > 1 && !createDirs) {
    const folder = place.shown.split('/').slice(0, -1).join('/')
    throw new ToolError(
      `The folder "${folder}" does not exist. Set create_dirs to true to create it.`,
      'no such folder',
    )
  }
  return place
}

/** The folder to write in, made where it is missing, and the name of the file there. */
export async function openTarget(workspace: Workspace, place: Place): Promise<[OpenFolder, string]> {
  const name = place.missing.at(-1)
  if (name === undefined) return openParent(workspace, place, 'write')
  if (place.missing.length === 1) return [await openFolder(workspace, place.existing, 'write', place.shown), name]
  return [await createFolders(workspace, place.existing, place.missing.slice(0, -1), place.shown), name]
}

export async function readOld(
  workspace: Workspace,
  folder: OpenFolder,
  name: string,
  place: Place,
  limits: ExecutorLimits,
): Promise<RegularFile | undefined> {
  try {
    const old = await readRegularFile(workspace, folder, name, limits.readBytes, place.shown)
    if (old === 'too large') {
      const limit = megabytes(limits.readBytes)
      throw new ToolError(
        `"${place.shown}" is larger than ${limit}: too large to be replaced by write_file.`,
        'too large',
      )
    }
    // A rename would replace a file that its owner made read-only.
    await access(folder.at(name), constants.W_OK)
    return old
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** A byte order mark is not part of the text that was read, so it must not get lost when the text is written back. */
export function withMark(bytes: Buffer, encoding: string, old: RegularFile | undefined): Buffer {
  if (old === undefined || byteOrderMark(bytes, encoding).length > 0) return bytes
  return Buffer.concat([byteOrderMark(old.bytes, encoding), bytes])
}

/** The copy is on the disk when it resolves; without it nothing must be written. */
export async function keepBackup(backups: Backups, path: string, bytes: Uint8Array): Promise<void> {
  try {
    await backups.keep(path, bytes)
  } catch (error) {
    const why = asToolError(error, 'Keeping a copy of the old content').message
    throw new ToolError(`${why} Nothing was changed.`, 'no backup', { cause: error })
  }
}

/** Writes beside the file and renames, so that the file is whole at any moment. */
export async function replaceFile(
  folder: OpenFolder,
  name: string,
  content: Buffer,
  old: RegularFile | undefined,
): Promise<void> {
  const temporary = folder.at(`.codelab-${randomBytes(8).toString('hex')}.tmp`)
  const exclusive = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  const handle = await open(temporary, exclusive, old === undefined ? 0o666 : 0o600)
  try {
    try {
      await handle.writeFile(content)
      if (old !== undefined) await keepOwnerAndMode(handle, old)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, folder.at(name))
  } catch (error) {
    await unlink(temporary).catch(() => undefined)
    throw error
  }
}

async function keepOwnerAndMode(handle: FileHandle, old: RegularFile): Promise<void> {
  const { uid, gid } = await handle.stat()
  // Only root may give a file away; for anybody else the writer becomes the owner, as with every editor that renames.
  if (uid !== old.uid || gid !== old.gid) await handle.chown(old.uid, old.gid).catch(() => undefined)
  await handle.chmod(old.mode)
}
