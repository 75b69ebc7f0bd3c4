import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { access, type FileHandle, open, rename, unlink } from 'node:fs/promises'
import type { Backups } from './backups.ts'
import type { CallPreview, RunOptions, ToolOutcome } from './executor.ts'
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
import { byteOrderMark, decodeLeniently, encodeText } from './text-encoding.ts'
import type { Tool } from './tool.ts'
import { flag, optionalText, requiredText, type ToolArguments } from './tool-arguments.ts'
import { asToolError, errorCode, interrupted, ToolError } from './tool-error.ts'
import { megabytes } from './wording.ts'

export function createWriteFile(workspace: Workspace, backups: Backups, limits: ExecutorLimits): Tool {
  async function run(values: ToolArguments, options: RunOptions): Promise<ToolOutcome> {
    const request = readRequest(values, limits)
    const place = await locateTarget(workspace, request)
    const [folder, name] = await openTarget(workspace, place)
    try {
      const old = await readOld(workspace, folder, name, place, limits)
      const content = withMark(request, old)
      if (old !== undefined && request.backup) await keepBackup(backups, place, old)
      if (options.signal?.aborted === true) throw interrupted()
      await replace(folder, name, content, old)
      const facts = { bytes_written: content.length, created: old === undefined }
      const kept = old !== undefined && request.backup ? { backup: true } : {}
      return {
        ok: true,
        result: { success: true, path: place.shown, ...facts, ...kept },
        summary: old === undefined ? 'created' : 'written',
      }
    } finally {
      await folder.close()
    }
  }

  async function preview(values: ToolArguments): Promise<CallPreview> {
    const request = readRequest(values, limits)
    const place = await locateTarget(workspace, request)
    const shown = { kind: 'write', path: place.shown, after: request.content } as const
    if (place.missing.length > 0) return { ...shown, before: null }
    const [folder, name] = await openParent(workspace, place, 'write')
    try {
      const old = await readOld(workspace, folder, name, place, limits)
      return { ...shown, before: old === undefined ? null : decodeLeniently(old.bytes, request.encoding) }
    } finally {
      await folder.close()
    }
  }

  return { name: 'write_file', hasEffects: true, run, preview }
}

interface WriteRequest {
  readonly path: string
  readonly content: string
  readonly bytes: Buffer
  readonly encoding: string
  readonly createDirs: boolean
  readonly backup: boolean
}

function readRequest(values: ToolArguments, limits: ExecutorLimits): WriteRequest {
  const path = requiredText(values, 'path')
  const content = requiredText(values, 'content')
  const encoding = optionalText(values, 'encoding') ?? 'utf-8'
  const bytes = encodeText(content, encoding)
  if (bytes.length > limits.writeBytes) {
    const sizes = `${megabytes(bytes.length)}; the most is ${megabytes(limits.writeBytes)}`
    throw new ToolError(`"content" is ${sizes}. Write the file in parts with execute_command.`, 'too large')
  }
  const createDirs = flag(values, 'create_dirs', false)
  return { path, content, bytes, encoding, createDirs, backup: flag(values, 'backup', true) }
}

async function locateTarget(workspace: Workspace, request: WriteRequest): Promise<Place> {
  if (/[\\/]$/.test(request.path)) {
    throw new ToolError(`"${request.path}" names a folder. Use create_directory, or give a file name.`, 'is a folder')
  }
  const place = await workspace.locate(request.path, 'write').catch((error: unknown) => {
    if (!(error instanceof ToolError && error.summary === 'broken link')) throw error
    throw new ToolError(
      `"${request.path}" goes through a link to something that does not exist. Nothing was written.`,
      'broken link',
    )
  })
  if (place.existing === workspace.root && place.missing.length === 0) {
    throw new ToolError('"." is a folder, not a file.', 'is a folder')
  }
  if (place.missing.length > 1 && !request.createDirs) {
    const folder = place.shown.split('/').slice(0, -1).join('/')
    throw new ToolError(
      `The folder "${folder}" does not exist. Set create_dirs to true to create it.`,
      'no such folder',
    )
  }
  return place
}

/** The folder to write in, made where it is missing, and the name of the file there. */
async function openTarget(workspace: Workspace, place: Place): Promise<[OpenFolder, string]> {
  const name = place.missing.at(-1)
  if (name === undefined) return openParent(workspace, place, 'write')
  if (place.missing.length === 1) return [await openFolder(workspace, place.existing, 'write', place.shown), name]
  return [await createFolders(workspace, place.existing, place.missing.slice(0, -1), place.shown), name]
}

async function readOld(
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
function withMark(request: WriteRequest, old: RegularFile | undefined): Buffer {
  if (old === undefined || byteOrderMark(request.bytes, request.encoding).length > 0) return request.bytes
  return Buffer.concat([byteOrderMark(old.bytes, request.encoding), request.bytes])
}

async function keepBackup(backups: Backups, place: Place, old: RegularFile): Promise<void> {
  try {
    await backups.keep(place.shown, old.bytes)
  } catch (error) {
    const why = asToolError(error, 'Keeping a copy of the old content').message
    throw new ToolError(`${why} Nothing was written.`, 'no backup', { cause: error })
  }
}

/** Writes beside the file and renames, so that the file is whole at any moment. */
async function replace(folder: OpenFolder, name: string, content: Buffer, old: RegularFile | undefined): Promise<void> {
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
