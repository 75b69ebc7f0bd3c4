import { folderOf } from './paths.ts'
import { ToolError } from './tool-error.ts'

/** A file before and after a change; null: there is none. */
export interface FileChange {
  readonly path: string
  readonly before: string | null
  readonly after: string | null
}

/** One step that can be taken back. */
export interface Step {
  readonly changes: readonly FileChange[]
  readonly folders: ReadonlySet<string>
}

export const workspaceLimits = { files: 500, bytes: 8 * 1024 * 1024, steps: 50 }

/** The files of a project, in the memory of this page. What it holds is never changed in place, so that a page can draw it. */
export class Workspace {
  readonly name: string
  #files: ReadonlyMap<string, string>
  #folders: ReadonlySet<string>
  readonly #first: ReadonlyMap<string, string>
  #steps: Step[] = []
  readonly #listeners = new Set<() => void>()

  constructor(name: string, files: Iterable<readonly [string, string]>) {
    this.name = name
    this.#files = new Map(files)
    this.#first = this.#files
    this.#folders = new Set()
    for (const path of this.#files.keys()) this.#folders = withParents(this.#folders, path)
    checkSize(this.#files)
  }

  /** Path to text. Another map after each change. */
  get files(): ReadonlyMap<string, string> {
    return this.#files
  }

  get folders(): ReadonlySet<string> {
    return this.#folders
  }

  get lastStep(): Step | undefined {
    return this.#steps.at(-1)
  }

  onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  read(path: string): string | undefined {
    return this.#files.get(path)
  }

  isFolder(path: string): boolean {
    return path === '.' || this.#folders.has(path)
  }

  /** How a file differs from the beginning. */
  stateOf(path: string): 'new' | 'changed' | 'same' {
    const first = this.#first.get(path)
    if (first === undefined) return 'new'
    return first === this.#files.get(path) ? 'same' : 'changed'
  }

  /** What a tool did: one step that can be taken back. Throws ToolError, and changes nothing, beyond the limits. */
  apply(changes: readonly Pick<FileChange, 'path' | 'after'>[]): void {
    const files = new Map(this.#files)
    let folders = this.#folders
    const done: FileChange[] = []
    for (const { path, after } of changes) {
      done.push({ path, before: files.get(path) ?? null, after })
      if (after === null) files.delete(path)
      else {
        files.set(path, after)
        folders = withParents(folders, path)
      }
    }
    checkSize(files)
    this.#steps = [...this.#steps, { changes: done, folders: this.#folders }].slice(-workspaceLimits.steps)
    this.#become(files, folders)
  }

  /** What the person types: no step, their editor has an undo of its own. */
  type(path: string, text: string): void {
    const files = new Map(this.#files).set(path, text)
    checkSize(files)
    this.#become(files, this.#folders)
  }

  makeFolder(path: string): void {
    this.#steps = [...this.#steps, { changes: [], folders: this.#folders }].slice(-workspaceLimits.steps)
    this.#become(this.#files, withParents(new Set([...this.#folders, path]), path))
  }

  /** Removes a folder and what is in it. */
  removeFolder(path: string): void {
    this.apply(this.below(path).map((file) => ({ path: file, after: null })))
    const isBelow = (folder: string) => folder === path || folder.startsWith(`${path}/`)
    this.#become(this.#files, new Set([...this.#folders].filter((folder) => !isBelow(folder))))
  }

  below(folder: string): readonly string[] {
    return [...this.#files.keys()].filter((path) => folder === '.' || path.startsWith(`${folder}/`)).sort()
  }

  /** Takes the last step back; what was typed into its files since then goes too. */
  undo(): Step | undefined {
    const step = this.#steps.at(-1)
    if (!step) return undefined
    this.#steps = this.#steps.slice(0, -1)
    const files = new Map(this.#files)
    for (const { path, before } of step.changes.toReversed()) {
      if (before === null) files.delete(path)
      else files.set(path, before)
    }
    this.#become(files, step.folders)
    return step
  }

  #become(files: ReadonlyMap<string, string>, folders: ReadonlySet<string>): void {
    this.#files = files
    this.#folders = folders
    for (const listener of this.#listeners) listener()
  }
}

function withParents(folders: ReadonlySet<string>, path: string): ReadonlySet<string> {
  const all = new Set(folders)
  for (let folder = folderOf(path); folder !== '.'; folder = folderOf(folder)) all.add(folder)
  return all
}

function checkSize(files: ReadonlyMap<string, string>): void {
  const bytes = [...files.values()].reduce((sum, text) => sum + text.length, 0)
  if (files.size > workspaceLimits.files || bytes > workspaceLimits.bytes) {
    throw new ToolError(
      `The workspace of this page holds at most ${workspaceLimits.files} files and 8 MB. Nothing was changed.`,
      'too large',
    )
  }
}
