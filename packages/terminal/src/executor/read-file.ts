import type { CallPreview, RunOptions, ToolOutcome } from './executor.ts'
import type { ExecutorLimits } from './limits.ts'
import { nearNames } from './near-names.ts'
import { openFolder, openParent, readRegularFile } from './open-folder.ts'
import type { Place, Workspace } from './paths.ts'
import { decodeText } from './text-encoding.ts'
import type { Tool } from './tool.ts'
import { optionalCount, optionalText, requiredText, type ToolArguments, wrong } from './tool-arguments.ts'
import { interrupted, ToolError } from './tool-error.ts'
import { counted, countLines, megabytes } from './wording.ts'

export function createReadFile(workspace: Workspace, limits: ExecutorLimits): Tool {
  async function run(values: ToolArguments, options: RunOptions): Promise<ToolOutcome> {
    const request = readRequest(values)
    const place = await workspace.locate(request.path, 'read')
    const bytes = await readBytes(workspace, place, limits)
    if (options.signal?.aborted === true) throw interrupted()
    const text = decodeText(bytes, request.encoding, place.shown)
    const total = countLines(text)
    if (request.startLine === undefined && request.endLine === undefined) {
      return read(place, { content: text, lines_read: total }, total)
    }
    const start = request.startLine ?? 1
    if (start > Math.max(total, 1)) {
      throw new ToolError(
        `start_line ${start} is beyond the end: "${place.shown}" has ${counted(total, 'line')}.`,
        'no such line',
      )
    }
    const content = linesBetween(text, start, request.endLine ?? total)
    const lines = countLines(content)
    return read(place, { content, lines_read: lines, total_lines: total }, lines)
  }

  async function preview(values: ToolArguments): Promise<CallPreview> {
    const request = readRequest(values)
    return { kind: 'read', path: (await workspace.locate(request.path, 'read')).shown }
  }

  return { name: 'read_file', hasEffects: false, run, preview }
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

async function readBytes(workspace: Workspace, place: Place, limits: ExecutorLimits): Promise<Buffer> {
  if (place.missing.length > 0) throw await notFound(workspace, place)
  if (place.existing === workspace.root)
    throw new ToolError('"." is a folder, not a file. Use list_files.', 'is a folder')
  const [folder, name] = await openParent(workspace, place, 'read')
  try {
    const file = await readRegularFile(workspace, folder, name, limits.readBytes, place.shown)
    if (file !== 'too large') return file.bytes
    throw new ToolError(
      `"${place.shown}" is larger than ${megabytes(limits.readBytes)}. Find the part with search_in_code, or print it with execute_command.`,
      'too large',
    )
  } finally {
    await folder.close()
  }
}

async function notFound(workspace: Workspace, place: Place): Promise<ToolError> {
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

function read(place: Place, facts: ToolArguments, lines: number): ToolOutcome {
  return { ok: true, result: { success: true, path: place.shown, ...facts }, summary: counted(lines, 'line') }
}

/** Both ends inclusive, from 1, with their line ends. */
function linesBetween(text: string, start: number, end: number): string {
  let from = 0
  for (let line = 1; line < start; line++) from = text.indexOf('\n', from) + 1
  let to = from
  for (let line = start; line <= end && to < text.length; line++) {
    const found = text.indexOf('\n', to)
    to = found === -1 ? text.length : found + 1
  }
  return text.slice(from, to)
}
