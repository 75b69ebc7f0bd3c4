import { lstat, opendir, readFile, rm, rmdir, unlink } from 'node:fs/promises'
import type { Backups } from './backups.ts'
import type { CallPreview, RunOptions, ToolOutcome } from './executor.ts'
import { locateEntry, openEntry, textOf } from './file-entry.ts'
import { keyOf } from './freshness.ts'
import type { ExecutorLimits } from './limits.ts'
import { type OpenFolder, openParent } from './open-folder.ts'
import type { Place, Workspace } from './paths.ts'
import { keepBackup } from './replace-file.ts'
import type { SeenFiles } from './seen-files.ts'
import type { Tool } from './tool.ts'
import { flag, requiredText, type ToolArguments } from './tool-arguments.ts'
import { interrupted, ToolError } from './tool-error.ts'
import { counted, megabytes } from './wording.ts'

export function createDeleteFile(
  workspace: Workspace,
  backups: Backups,
  seen: SeenFiles,
  limits: ExecutorLimits,
): Tool {
  async function run(values: ToolArguments, options: RunOptions): Promise<ToolOutcome> {
    const place = await locateEntry(workspace, requiredText(values, 'path'))
    if ((await lstat(place.existing)).isDirectory()) return deleteFolder(place, values, options)
    const session = options.session ?? ''
    const { folder, name, bytes } = await openEntry(workspace, place, seen, session, limits)
    try {
      if (bytes !== undefined) await keepBackup(backups, place.shown, bytes)
      if (options.signal?.aborted === true) throw interrupted()
      await unlink(folder.at(name))
      await seen.forget(session, keyOf(workspace, place))
    } finally {
      await folder.close()
    }
    const kept = bytes === undefined ? {} : { backup: true }
    return { ok: true, result: { success: true, path: place.shown, deleted: 'file', ...kept }, summary: 'deleted' }
  }

  async function deleteFolder(place: Place, values: ToolArguments, options: RunOptions): Promise<ToolOutcome> {
    const [folder, name] = await openParent(workspace, place, 'write')
    try {
      const files = await filesToDelete(folder, name, place, flag(values, 'recursive', false), limits)
      if (files.length === 0) await rmdirTree(folder, name)
      else {
        for (const file of files) {
          if (options.signal?.aborted === true) throw interrupted()
          if (file.isRegular)
            await keepBackup(backups, `${place.shown}/${file.path}`, await readFile(folder.at(`${name}/${file.path}`)))
        }
        await rm(folder.at(name), { recursive: true })
      }
      const facts = { deleted: 'folder', files: files.length }
      const summary = files.length === 0 ? 'deleted' : `deleted, ${counted(files.length, 'file')}`
      return { ok: true, result: { success: true, path: place.shown, ...facts }, summary }
    } finally {
      await folder.close()
    }
  }

  async function preview(values: ToolArguments, session: string): Promise<CallPreview> {
    const place = await locateEntry(workspace, requiredText(values, 'path'))
    if ((await lstat(place.existing)).isDirectory()) {
      const [folder, name] = await openParent(workspace, place, 'write')
      try {
        const files = await filesToDelete(folder, name, place, flag(values, 'recursive', false), limits)
        return { kind: 'delete-folder', path: place.shown, files: files.map(({ path }) => `${place.shown}/${path}`) }
      } finally {
        await folder.close()
      }
    }
    const { folder, bytes, digest } = await openEntry(workspace, place, seen, session, limits)
    await folder.close()
    const before = bytes === undefined ? null : (textOf(bytes) ?? null)
    return { kind: 'delete', path: place.shown, before, oldDigest: bytes === undefined ? null : digest }
  }

  return { name: 'delete_file', hasEffects: true, run, preview }
}

/** Below the folder that is to be deleted. */
interface FileBelow {
  readonly path: string
  readonly isRegular: boolean
}

/** Everything but folders in it; each is kept before it goes, so there is a limit. Throws ToolError for what must not be deleted so. */
async function filesToDelete(
  folder: OpenFolder,
  name: string,
  place: Place,
  recursive: boolean,
  limits: ExecutorLimits,
): Promise<FileBelow[]> {
  const files: FileBelow[] = []
  let bytes = 0
  const open = ['']
  for (let below = open.pop(); below !== undefined; below = open.pop()) {
    for await (const entry of await opendir(folder.at(`${name}/${below}`))) {
      const path = `${below}${entry.name}`
      if (/^\.(?:git|ssh)$/i.test(entry.name)) {
        throw new ToolError(`"${place.shown}/${path}" is not open to tools, so "${place.shown}" stays.`, 'not allowed')
      }
      if (entry.isDirectory()) open.push(`${path}/`)
      else files.push({ path, isRegular: entry.isFile() })
      if (entry.isFile()) bytes += (await lstat(folder.at(`${name}/${path}`))).size
      if (files.length > limits.deletedFiles || open.length > limits.deletedFiles || bytes > limits.deletedBytes) {
        const most = `${limits.deletedFiles} files, ${megabytes(limits.deletedBytes)}`
        throw new ToolError(
          `"${place.shown}" holds more than delete_file keeps copies of (${most}). Nothing was deleted. Use execute_command with rm -r.`,
          'too large',
        )
      }
    }
  }
  if (files.length > 0 && !recursive) {
    throw new ToolError(
      `"${place.shown}" is a folder with ${counted(files.length, 'file')} in it. Nothing was deleted. Set recursive to true to delete them all.`,
      'folder is not empty',
    )
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

/** A tree of folders without a file. `rmdir` refuses should one have come meanwhile. */
async function rmdirTree(folder: OpenFolder, name: string): Promise<void> {
  for await (const entry of await opendir(folder.at(name))) await rmdirTree(folder, `${name}/${entry.name}`)
  await rmdir(folder.at(name))
}
