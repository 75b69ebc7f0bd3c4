import { applyEdits, type Edit, numberedLines } from '@codelab/edits'
import { counted, flag, linesOf, optionalText, requiredText, type ToolArguments, wrong } from './arguments.ts'
import { folderOf, writablePath } from './paths.ts'
import { notFound } from './read-tools.ts'
import type { SeenFiles, Tool, ToolPlace } from './tool.ts'
import { ToolError } from './tool-error.ts'
import type { Workspace } from './workspace.ts'

const writeBytes = 5 * 1024 * 1024
const shownLines = 15

export const writeFile: Tool = {
  name: 'write_file',
  onlyReads: false,
  plan: (values, place) => {
    const content = requiredText(values, 'content')
    if (content.length > writeBytes) throw new ToolError('"content" is longer than 5 MB.', 'too large')
    const path = locate(place.workspace, requiredText(values, 'path'), flag(values, 'create_dirs', false))
    return writing(place, path, content, 1, (created) => ({
      result: { success: true, path, bytes_written: new TextEncoder().encode(content).length, created },
      summary: created ? 'created' : 'written',
    }))
  },
}

export const editFile: Tool = {
  name: 'edit_file',
  onlyReads: false,
  plan: (values, place) => {
    const edits = readEdits(values)
    const path = locate(place.workspace, requiredText(values, 'path'), false)
    const before = place.workspace.read(path)
    const isNew = before === undefined && edits.length === 1 && edits[0]?.old_text === ''
    if (before === undefined && !isNew) throw notFound(path, false, [...place.workspace.files.keys()])
    const outcome = applyEdits(before ?? '', edits)
    if (!outcome.ok) {
      if (before !== undefined) requireSeen(place.seen, path, before, outcome.lines[0] ?? 1)
      throw new ToolError(`${path}: ${outcome.message}`, outcome.problem.replaceAll('_', ' '))
    }
    const lines = outcome.applied.flatMap(({ places }) => places)
    return writing(place, path, outcome.text, lines[0]?.first ?? 1, (created) => ({
      result: {
        success: true,
        path,
        created,
        edits: outcome.applied.map(({ match, places }) => ({
          match,
          lines: places.slice(0, 20).map(({ first, last }) => (last > first ? `${first}-${last}` : `${first}`)),
        })),
      },
      summary: created ? 'created' : counted(lines.length, 'edit'),
    }))
  },
}

type Written = { readonly result: Readonly<Record<string, unknown>>; readonly summary: string }

function writing(
  { workspace, seen }: ToolPlace,
  path: string,
  after: string,
  line: number,
  told: (created: boolean) => Written,
) {
  const before = workspace.read(path) ?? null
  if (before !== null) requireSeen(seen, path, before, line)
  return {
    preview: { kind: 'write', path, before, after } as const,
    run: () => {
      workspace.apply([{ path, after }])
      seen.note(path, after)
      return told(before === null)
    },
  }
}

function readEdits(values: ToolArguments): readonly Edit[] {
  const { edits } = values
  if (!Array.isArray(edits)) throw wrong('"edits" must be a list of {old_text, new_text, replace_all?}.')
  return edits.map((value: unknown, index) => {
    const fields: ToolArguments = typeof value === 'object' && value !== null ? { ...value } : {}
    const { old_text, new_text, replace_all } = fields
    if (typeof old_text !== 'string' || typeof new_text !== 'string') {
      throw wrong(`edits[${index}] must have "old_text" and "new_text", both strings. Nothing was changed.`)
    }
    return { old_text, new_text, replace_all: replace_all === true }
  })
}

/** Where a file may be written; its folder must be there, or be allowed to be made. */
function locate(workspace: Workspace, given: string, createDirs: boolean): string {
  const path = writablePath(given)
  if (workspace.isFolder(path)) throw new ToolError(`"${path}" is a folder, not a file.`, 'is a folder')
  refuseBelowFile(workspace, path)
  const folder = folderOf(path)
  if (!createDirs && !workspace.isFolder(folder)) {
    throw new ToolError(
      `The folder "${folder}" does not exist. Set create_dirs to true, or create it first.`,
      'no such folder',
    )
  }
  return path
}

function refuseBelowFile(workspace: Workspace, path: string): void {
  for (let folder = folderOf(path); folder !== '.'; folder = folderOf(folder)) {
    if (workspace.read(folder) === undefined) continue
    throw new ToolError(`"${path}" cannot exist: "${folder}" is a file, not a folder.`, 'not a folder')
  }
}

/** Refuses to touch a file that was not read as it is now: the model would overwrite what it does not know. */
function requireSeen(seen: SeenFiles, path: string, text: string, line: number): void {
  if (seen.isKnown(path, text)) return
  const read = `read_file ${JSON.stringify({ path })}`
  const isChanged = seen.wasRead(path)
  const what = isChanged
    ? `"${path}" was changed since you read it. Nothing was done. Read it again, then decide anew: ${read}`
    : `"${path}" exists, and you have not read it in this session. Nothing was done. Read it first: ${read}`
  const lines = linesOf(text)
  const start = Math.max(0, Math.min(line - 1, lines.length - 1) - 5)
  const shown = lines.slice(start, start + shownLines)
  const region =
    shown.length === 0 ? '' : `\nNow, from line ${start + 1} of ${lines.length}:\n${numberedLines(shown, start + 1)}`
  throw new ToolError(`${what}${region}`, isChanged ? 'changed since it was read' : 'not read before')
}

export const createDirectory: Tool = {
  name: 'create_directory',
  onlyReads: false,
  plan: (values, { workspace }) => {
    const path = writablePath(requiredText(values, 'path'))
    if (workspace.read(path) !== undefined) throw new ToolError(`"${path}" is a file already.`, 'is a file')
    refuseBelowFile(workspace, path)
    const parent = folderOf(path)
    if (!flag(values, 'recursive', true) && !workspace.isFolder(parent)) {
      throw new ToolError(
        `The folder "${parent}" does not exist. Set recursive to true to create it.`,
        'no such folder',
      )
    }
    const created = !workspace.isFolder(path)
    return {
      preview: { kind: 'directory', path },
      run: () => {
        if (created) workspace.makeFolder(path)
        return { result: { success: true, path, created }, summary: created ? 'created' : 'exists already' }
      },
    }
  },
}

export const deleteFile: Tool = {
  name: 'delete_file',
  onlyReads: false,
  plan: (values, { workspace, seen }) => {
    const path = writablePath(requiredText(values, 'path'))
    const text = workspace.read(path)
    if (text !== undefined) {
      requireSeen(seen, path, text, 1)
      return {
        preview: { kind: 'delete', path, files: [path] },
        run: () => {
          workspace.apply([{ path, after: null }])
          seen.note(path, null)
          return { result: { success: true, path, deleted: 'file' }, summary: 'deleted' }
        },
      }
    }
    if (path === '.' || !workspace.isFolder(path)) throw notFound(path, path === '.', [...workspace.files.keys()])
    const files = workspace.below(path)
    if (files.length > 0 && !flag(values, 'recursive', false)) {
      throw new ToolError(
        `"${path}" is a folder with ${counted(files.length, 'file')} in it. Nothing was deleted. Set recursive to true to delete them all.`,
        'folder is not empty',
      )
    }
    return {
      preview: { kind: 'delete', path, files },
      run: () => {
        workspace.removeFolder(path)
        for (const file of files) seen.note(file, null)
        return { result: { success: true, path, deleted: 'folder', files: files.length }, summary: 'deleted' }
      },
    }
  },
}

export const moveFile: Tool = {
  name: 'move_file',
  onlyReads: false,
  plan: (values, { workspace, seen }) => {
    const path = writablePath(requiredText(values, 'source_path'))
    const to = writablePath(requiredText(values, 'destination_path'))
    const text = workspace.read(path)
    if (text === undefined) {
      if (!workspace.isFolder(path)) throw notFound(path, false, [...workspace.files.keys()])
      throw new ToolError(`"${path}" is a folder. Move its files one by one here.`, 'is a folder')
    }
    if (workspace.read(to) !== undefined || workspace.isFolder(to)) {
      throw new ToolError(`"${to}" exists already. Nothing was moved; move_file never replaces.`, 'the name is taken')
    }
    refuseBelowFile(workspace, to)
    requireSeen(seen, path, text, 1)
    return {
      preview: { kind: 'move', path, to },
      run: () => {
        workspace.apply([
          { path, after: null },
          { path: to, after: text },
        ])
        seen.note(path, null)
        seen.note(to, text)
        return { result: { success: true, source_path: path, destination_path: to }, summary: `moved to ${to}` }
      },
    }
  },
}

export const executeCommand: Tool = {
  name: 'execute_command',
  onlyReads: false,
  plan: (values) => {
    const command = optionalText(values, 'command') ?? ''
    throw new ToolError(
      `There is no shell here: the workspace lives in the memory of a web page, so "${normalised(command)}" cannot be run. Work with the files, and say what the person should run.`,
      'no shell here',
    )
  },
}

function normalised(command: string): string {
  return command.replace(/\s+/g, ' ').slice(0, 200).toWellFormed()
}
