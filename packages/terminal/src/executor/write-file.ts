import type { Backups } from './backups.ts'
import type { CallPreview, RunOptions, ToolOutcome } from './executor.ts'
import { keyOf, requireSeen } from './freshness.ts'
import type { ExecutorLimits } from './limits.ts'
import { openParent, type RegularFile } from './open-folder.ts'
import type { Place, Workspace } from './paths.ts'
import { keepBackup, locateTarget, openTarget, readOld, replaceFile, withMark } from './replace-file.ts'
import { digestOf, type SeenFiles } from './seen-files.ts'
import { decodeLeniently, encodeText } from './text-encoding.ts'
import type { Tool } from './tool.ts'
import { flag, optionalText, requiredText, type ToolArguments } from './tool-arguments.ts'
import { interrupted, ToolError } from './tool-error.ts'
import { megabytes } from './wording.ts'

export function createWriteFile(workspace: Workspace, backups: Backups, seen: SeenFiles, limits: ExecutorLimits): Tool {
  function check(place: Place, old: RegularFile, request: WriteRequest, session: string): void {
    const text = decodeLeniently(old.bytes.subarray(0, 16 * 1024), request.encoding)
    requireSeen(seen, session, { shown: place.shown, key: keyOf(workspace, place), digest: digestOf(old.bytes), text })
  }

  async function run(values: ToolArguments, options: RunOptions): Promise<ToolOutcome> {
    const request = readRequest(values, limits)
    const session = options.session ?? ''
    const place = await locateTarget(workspace, request.path, request.createDirs)
    const [folder, name] = await openTarget(workspace, place)
    try {
      const old = await readOld(workspace, folder, name, place, limits)
      if (old !== undefined) check(place, old, request, session)
      const content = withMark(request.bytes, request.encoding, old)
      if (old !== undefined && request.backup) await keepBackup(backups, place.shown, old.bytes)
      if (options.signal?.aborted === true) throw interrupted()
      await replaceFile(folder, name, content, old)
      await seen.note(session, keyOf(workspace, place), digestOf(content))
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

  async function preview(values: ToolArguments, session: string): Promise<CallPreview> {
    const request = readRequest(values, limits)
    const place = await locateTarget(workspace, request.path, request.createDirs)
    const shown = { kind: 'write', path: place.shown, after: request.content } as const
    if (place.missing.length > 0) return { ...shown, before: null, oldDigest: null }
    const [folder, name] = await openParent(workspace, place, 'write')
    try {
      const old = await readOld(workspace, folder, name, place, limits)
      if (old === undefined) return { ...shown, before: null, oldDigest: null }
      check(place, old, request, session)
      return { ...shown, before: decodeLeniently(old.bytes, request.encoding), oldDigest: digestOf(old.bytes) }
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
