import { applyEdits, type Edit, type EditOutcome } from '@codelab/edits'
import type { Backups } from './backups.ts'
import type { CallPreview, RunOptions, ToolOutcome } from './executor.ts'
import { keyOf, requireSeen } from './freshness.ts'
import type { ExecutorLimits } from './limits.ts'
import { type OpenFolder, openFolder, openParent, type RegularFile } from './open-folder.ts'
import type { Place, Workspace } from './paths.ts'
import { fileNotFound } from './read-file.ts'
import { keepBackup, locateTarget, readOld, replaceFile, withMark } from './replace-file.ts'
import { digestOf, type SeenFiles } from './seen-files.ts'
import { decodeText, encodeText } from './text-encoding.ts'
import type { Tool } from './tool.ts'
import { optionalText, requiredText, type ToolArguments, wrong } from './tool-arguments.ts'
import { interrupted, ToolError } from './tool-error.ts'
import { counted, megabytes } from './wording.ts'

export function createEditFile(workspace: Workspace, backups: Backups, seen: SeenFiles, limits: ExecutorLimits): Tool {
  /** All that the call would do, checked; nothing is written. */
  async function plan(values: ToolArguments, session: string): Promise<PlannedEdit> {
    const request = readRequest(values)
    const place = await locateTarget(workspace, request.path, false)
    const [folder, name] = await openTarget(workspace, place)
    try {
      const old = await readOld(workspace, folder, name, place, limits)
      if (old === undefined && !createsFile(request.edits)) throw await fileNotFound(workspace, place)
      const before = old === undefined ? '' : decodeText(old.bytes, request.encoding, place.shown)
      const outcome = applyEdits(before, request.edits)
      if (old !== undefined) {
        const key = keyOf(workspace, place)
        const line = firstLine(outcome)
        requireSeen(seen, session, { shown: place.shown, key, digest: digestOf(old.bytes), text: before, line })
      }
      if (!outcome.ok) throw refusedEdit(place.shown, outcome)
      const bytes = withMark(encodeText(outcome.text, request.encoding), request.encoding, old)
      if (bytes.length > limits.writeBytes) {
        const most = megabytes(limits.writeBytes)
        throw new ToolError(
          `"${place.shown}" would be ${megabytes(bytes.length)}; the most is ${most}. Nothing was changed.`,
          'too large',
        )
      }
      return { folder, name, place, old, before, outcome, bytes }
    } catch (error) {
      await folder.close()
      throw error
    }
  }

  async function run(values: ToolArguments, options: RunOptions): Promise<ToolOutcome> {
    const session = options.session ?? ''
    const planned = await plan(values, session)
    const { folder, name, place, old, bytes } = planned
    try {
      if (old !== undefined) await keepBackup(backups, place.shown, old.bytes)
      if (options.signal?.aborted === true) throw interrupted()
      await replaceFile(folder, name, bytes, old)
      await seen.note(session, keyOf(workspace, place), digestOf(bytes))
      return outcomeOf(planned)
    } finally {
      await folder.close()
    }
  }

  async function preview(values: ToolArguments, session: string): Promise<CallPreview> {
    const { folder, place, old, before, outcome } = await plan(values, session)
    await folder.close()
    return {
      kind: 'write',
      path: place.shown,
      before: old === undefined ? null : before,
      after: outcome.text,
      oldDigest: old === undefined ? null : digestOf(old.bytes),
    }
  }

  return { name: 'edit_file', hasEffects: true, run, preview }
}

interface EditRequest {
  readonly path: string
  readonly encoding: string
  readonly edits: readonly Edit[]
}

interface PlannedEdit {
  /** Open; whoever planned closes it. */
  readonly folder: OpenFolder
  readonly name: string
  readonly place: Place
  readonly old: RegularFile | undefined
  readonly before: string
  readonly outcome: Extract<EditOutcome, { ok: true }>
  readonly bytes: Buffer
}

function readRequest(values: ToolArguments): EditRequest {
  const { edits } = values
  if (!Array.isArray(edits)) throw wrong('"edits" must be a list of {old_text, new_text, replace_all?}.')
  return {
    path: requiredText(values, 'path'),
    encoding: optionalText(values, 'encoding') ?? 'utf-8',
    edits: edits.map(readEdit),
  }
}

function readEdit(value: unknown, index: number): Edit {
  const fields: ToolArguments = typeof value === 'object' && value !== null ? { ...value } : {}
  const { old_text, new_text, replace_all } = fields
  if (typeof old_text !== 'string' || typeof new_text !== 'string') {
    throw wrong(`edits[${index}] must have "old_text" and "new_text", both strings. Nothing was changed.`)
  }
  return { old_text, new_text, replace_all: replace_all === true }
}

function createsFile([first, ...more]: readonly Edit[]): boolean {
  return first?.old_text === '' && more.length === 0
}

async function openTarget(workspace: Workspace, place: Place): Promise<[OpenFolder, string]> {
  const [name, ...more] = place.missing
  if (name === undefined) return openParent(workspace, place, 'write')
  if (more.length > 0) throw await fileNotFound(workspace, place)
  return [await openFolder(workspace, place.existing, 'write', place.shown), name]
}

function firstLine(outcome: EditOutcome): number {
  if (!outcome.ok) return outcome.lines[0] ?? 1
  return Math.min(...outcome.applied.flatMap(({ places }) => places.map(({ first }) => first)))
}

const summaries: Readonly<Record<Extract<EditOutcome, { ok: false }>['problem'], string>> = {
  invalid: 'wrong arguments',
  no_change: 'nothing to change',
  not_found: 'old text not found',
  several: 'old text not unique',
  overlap: 'edits overlap',
  not_empty: 'the file is not empty',
}

function refusedEdit(shown: string, { problem, message }: Extract<EditOutcome, { ok: false }>): ToolError {
  return new ToolError(`${shown}: ${message}`, summaries[problem])
}

function outcomeOf({ place, old, outcome, bytes }: PlannedEdit): ToolOutcome {
  const edits = outcome.applied.map(({ match, places }) => ({
    match,
    ...(places.length > 1 ? { replacements: places.length } : {}),
    lines: places.slice(0, 20).map(({ first, last }) => (last > first ? `${first}-${last}` : `${first}`)),
  }))
  const count = outcome.applied.reduce((sum, { places }) => sum + places.length, 0)
  return {
    ok: true,
    result: { success: true, path: place.shown, created: old === undefined, edits, bytes_written: bytes.length },
    summary: old === undefined ? 'created' : counted(count, 'edit'),
  }
}
