import { basename, dirname } from 'node:path'
import { keyOf, requireSeen } from './freshness.ts'
import type { ExecutorLimits } from './limits.ts'
import { type OpenFolder, openParent, readRegularFile } from './open-folder.ts'
import type { Place, Workspace } from './paths.ts'
import { fileNotFound } from './read-file.ts'
import { digestOf, digestOfLarge, type SeenFiles } from './seen-files.ts'
import { decodeLeniently } from './text-encoding.ts'
import { ToolError } from './tool-error.ts'

/** A file as an entry of its folder, to be taken away from there. */
export interface FileEntry {
  readonly place: Place
  /** Open; whoever asked closes it. */
  readonly folder: OpenFolder
  readonly name: string
  readonly digest: string
  /** Undefined when the file is too large to be read. */
  readonly bytes: Buffer | undefined
}

/** Where something that exists is. Throws ToolError for what is not there, the root itself, and a link. */
export async function locateEntry(workspace: Workspace, path: string): Promise<Place> {
  const place = await workspace.locate(path, 'write')
  if (place.missing.length > 0) throw await fileNotFound(workspace, place)
  if (place.existing === workspace.root) {
    throw new ToolError('"." is the project folder itself. Nothing was done.', 'not allowed')
  }
  const above = await workspace.locate(dirname(place.shown), 'write')
  const isItself =
    dirname(place.existing) === above.existing &&
    basename(place.existing).normalize('NFC') === place.shown.split('/').at(-1)
  if (isItself) return place
  throw new ToolError(
    `"${place.shown}" is a link to "${workspace.show(place.existing)}". Give that path, or handle the link with execute_command. Nothing was done.`,
    'is a link',
  )
}

/** Opens the folder of a file and makes sure that the session knows the file as it is. */
export async function openEntry(
  workspace: Workspace,
  place: Place,
  seen: SeenFiles,
  session: string,
  limits: ExecutorLimits,
): Promise<FileEntry> {
  const [folder, name] = await openParent(workspace, place, 'write')
  try {
    const file = await readRegularFile(workspace, folder, name, limits.readBytes, place.shown)
    const bytes = file === 'too large' ? undefined : file.bytes
    const digest = bytes === undefined ? await digestOfLarge(folder, name) : digestOf(bytes)
    const text = bytes === undefined ? undefined : textOf(bytes)
    const known = { shown: place.shown, key: keyOf(workspace, place), digest }
    requireSeen(seen, session, text === undefined ? known : { ...known, text })
    return { place, folder, name, digest, bytes }
  } catch (error) {
    await folder.close()
    throw error
  }
}

/** For a person's eyes and for a diff; undefined for binary data. */
export function textOf(bytes: Uint8Array): string | undefined {
  return bytes.subarray(0, 8000).includes(0) ? undefined : decodeLeniently(bytes, 'utf-8')
}
