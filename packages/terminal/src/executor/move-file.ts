import { constants } from 'node:fs'
import { copyFile, link, lstat, opendir, rename, unlink } from 'node:fs/promises'
import type { CallPreview, RunOptions, ToolOutcome } from './executor.ts'
import { locateEntry, openEntry } from './file-entry.ts'
import { keyOf } from './freshness.ts'
import type { ExecutorLimits } from './limits.ts'
import { createFolders, type OpenFolder, openFolder, openParent } from './open-folder.ts'
import type { Place, Workspace } from './paths.ts'
import type { SeenFiles } from './seen-files.ts'
import type { Tool } from './tool.ts'
import { requiredText, type ToolArguments } from './tool-arguments.ts'
import { errorCode, interrupted, ToolError } from './tool-error.ts'

export function createMoveFile(workspace: Workspace, seen: SeenFiles, limits: ExecutorLimits): Tool {
  async function run(values: ToolArguments, options: RunOptions): Promise<ToolOutcome> {
    const { source, target, isFolder } = await locateBoth(workspace, values)
    if (options.signal?.aborted === true) throw interrupted()
    const session = options.session ?? ''
    const digest = isFolder ? undefined : await digestOfSource(source, session)
    const [from, fromName] = await openParent(workspace, source, 'write')
    try {
      const [to, toName] = await openNew(workspace, target)
      try {
        await move(from.at(fromName), to.at(toName), isFolder, target)
      } finally {
        await to.close()
      }
    } finally {
      await from.close()
    }
    await seen.forget(session, keyOf(workspace, source))
    if (digest !== undefined) await seen.note(session, keyOf(workspace, target), digest)
    const result = { success: true, source_path: source.shown, destination_path: target.shown }
    return { ok: true, result, summary: `moved to ${target.shown}` }
  }

  async function digestOfSource(source: Place, session: string): Promise<string> {
    const { folder, digest } = await openEntry(workspace, source, seen, session, limits)
    await folder.close()
    return digest
  }

  async function preview(values: ToolArguments, session: string): Promise<CallPreview> {
    const { source, target, isFolder } = await locateBoth(workspace, values)
    const digest = isFolder ? null : await digestOfSource(source, session)
    const oldDigest = digest === null || digest.startsWith('large:') ? null : digest
    return { kind: 'move', path: source.shown, to: target.shown, oldDigest }
  }

  return { name: 'move_file', hasEffects: true, run, preview }
}

interface Move {
  readonly source: Place
  readonly target: Place
  readonly isFolder: boolean
}

async function locateBoth(workspace: Workspace, values: ToolArguments): Promise<Move> {
  const source = await locateEntry(workspace, requiredText(values, 'source_path'))
  const target = await workspace.locate(requiredText(values, 'destination_path'), 'write')
  const isFolder = (await lstat(source.existing)).isDirectory()
  if (target.missing.length === 0) throw taken(target)
  if (isFolder && `${target.existing}/`.startsWith(`${source.existing}/`)) {
    throw new ToolError(`"${target.shown}" lies in "${source.shown}" itself. Nothing was moved.`, 'not possible')
  }
  if (isFolder) await refuseProtected(source)
  return { source, target, isFolder }
}

function taken(target: Place): ToolError {
  return new ToolError(
    `"${target.shown}" exists already. Nothing was moved. Give a name that is free, or delete what is there first; move_file never replaces.`,
    'the name is taken',
  )
}

async function refuseProtected(source: Place): Promise<void> {
  for await (const entry of await opendir(source.existing)) {
    if (/^\.(?:git|ssh)$/i.test(entry.name)) {
      throw new ToolError(
        `"${source.shown}/${entry.name}" is not open to tools, so "${source.shown}" stays.`,
        'not allowed',
      )
    }
  }
}

/** The folder to move into, made where it is missing, and the free name there. */
async function openNew(workspace: Workspace, target: Place): Promise<[OpenFolder, string]> {
  const name = target.missing.at(-1) ?? ''
  const folders = target.missing.slice(0, -1)
  if (folders.length > 0) return [await createFolders(workspace, target.existing, folders, target.shown), name]
  return [await openFolder(workspace, target.existing, 'write', target.shown), name]
}

/** Never replaces: a hard link fails where a rename would take the place of a file that came meanwhile. */
async function move(from: string, to: string, isFolder: boolean, target: Place): Promise<void> {
  try {
    if (isFolder) {
      await rename(from, to)
      return
    }
    await link(from, to)
  } catch (error) {
    const code = errorCode(error)
    if (code === 'EEXIST' || code === 'ENOTEMPTY') throw taken(target)
    if (isFolder || !['EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(code ?? '')) throw error
    await copyFile(from, to, constants.COPYFILE_EXCL)
  }
  await unlink(from)
}
