import type { CallPreview, RunOptions, ToolOutcome } from './executor.ts'
import { keyOf } from './freshness.ts'
import type { ExecutorLimits } from './limits.ts'
import { nearNames } from './near-names.ts'
import { numberedPart } from './numbered-part.ts'
import { openFolder, openParent, readRegularFile } from './open-folder.ts'
import type { Place, Workspace } from './paths.ts'
import { digestOf, digestOfLarge, type SeenFiles } from './seen-files.ts'
import { decodeText } from './text-encoding.ts'
import type { Tool } from './tool.ts'
import { optionalCount, optionalText, requiredText, type ToolArguments, wrong } from './tool-arguments.ts'
import { interrupted, ToolError } from './tool-error.ts'
import { counted, countLines, megabytes } from './wording.ts'

export function createReadFile(workspace: Workspace, seen: SeenFiles, limits: ExecutorLimits): Tool {
  async function run(values: ToolArguments, options: RunOptions): Promise<ToolOutcome> {
    const request = readRequest(values)
    const place = await workspace.locate(request.path, 'read')
    const { bytes, digest } = await readBytes(workspace, place, limits)
    if (options.signal?.aborted === true) throw interrupted()
    // Also where it turns out to be no text: that there is such a file is all that can be known of it.
    const note = () => seen.note(options.session ?? '', keyOf(workspace, place), digest)
    if (bytes === undefined) {
      await note()
      throw tooLarge(place, limits)
    }
    const text = await decodeOrNote(bytes, request.encoding, place, note)
    const total = countLines(text)
    const start = request.startLine ?? 1
    if (start > Math.max(total, 1)) {
      throw new ToolError(
        `start_line ${start} is beyond the end: "${place.shown}" has ${counted(total, 'line')}.`,
        'no such line',
      )
    }
    await note()
    const part = numberedPart(place.shown, text, { start, end: request.endLine ?? total, total }, limits)
    const facts = { lines_read: part.lines, total_lines: total, ...(part.isCut ? { truncated: true } : {}) }
    return {
      ok: true,
      result: { success: true, path: place.shown, ...facts },
      text: part.text,
      summary: counted(part.lines, 'line'),
    }
  }

  async function preview(values: ToolArguments): Promise<CallPreview> {
    const request = readRequest(values)
    return { kind: 'read', path: (await workspace.locate(request.path, 'read')).shown }
  }

  return { name: 'read_file', hasEffects: false, run, preview }
}

async function decodeOrNote(bytes: Buffer, encoding: string, place: Place, note: () => Promise<void>): Promise<string> {
  try {
    return decodeText(bytes, encoding, place.shown)
  } catch (error) {
    if (error instanceof ToolError && error.summary === 'not text') await note()
    throw error
  }
}

interface ReadRequest {
  readonly path: string
  readonly encoding: string
  readonly startLine: number | undefined
  readonly endLine: number | undefined
}

function readRequest(values: ToolArguments): ReadRequest {
  const startLine = optionalCount(values, 'start_line')
  const endLine = optionalCount(values, 'end_line')
  if (startLine !== undefined && endLine !== undefined && endLine < startLine) {
    throw wrong(`"end_line" (${endLine}) is before "start_line" (${startLine}).`)
  }
  return {
    path: requiredText(values, 'path'),
    encoding: optionalText(values, 'encoding') ?? 'utf-8',
    startLine,
    endLine,
  }
}

/** `bytes` is undefined for a file that is too large to be read. */
async function readBytes(
  workspace: Workspace,
  place: Place,
  limits: ExecutorLimits,
): Promise<{ bytes: Buffer | undefined; digest: string }> {
  if (place.missing.length > 0) throw await fileNotFound(workspace, place)
  if (place.existing === workspace.root)
    throw new ToolError('"." is a folder, not a file. Use list_files.', 'is a folder')
  const [folder, name] = await openParent(workspace, place, 'read')
  try {
    const file = await readRegularFile(workspace, folder, name, limits.readBytes, place.shown)
    if (file === 'too large') return { bytes: undefined, digest: await digestOfLarge(folder, name) }
    return { bytes: file.bytes, digest: digestOf(file.bytes) }
  } finally {
    await folder.close()
  }
}

function tooLarge(place: Place, limits: ExecutorLimits): ToolError {
  return new ToolError(
    `"${place.shown}" is larger than ${megabytes(limits.readBytes)}. Find the part with search_in_code, or print it with execute_command.`,
    'too large',
  )
}

/** Says what is missing, and what the name may have been meant for. */
export async function fileNotFound(workspace: Workspace, place: Place): Promise<ToolError> {
  const [name = '', ...below] = place.missing
  if (below.length > 0) {
    const folder = place.shown.split('/').slice(0, -below.length).join('/')
    return new ToolError(`File not found: ${place.shown} (the folder ${folder} does not exist)`, 'file not found')
  }
  const folder = await openFolder(workspace, place.existing, 'read', place.shown)
  try {
    const near = await nearNames(folder.path, name)
    const parent = place.shown.slice(0, place.shown.length - name.length)
    const hint = near.length === 0 ? '' : `. Did you mean ${near.map((other) => parent + other).join(' or ')}?`
    return new ToolError(`File not found: ${place.shown}${hint}`, 'file not found')
  } finally {
    await folder.close()
  }
}
