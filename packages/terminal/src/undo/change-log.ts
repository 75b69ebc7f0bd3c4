import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { captureFile, type FileCopy } from './file-copy.ts'

/** A file as it was before a turn changed it, and what the turn left. */
export interface ChangedFile {
  /** Relative to the folder, with `/`. */
  readonly path: string
  /** The blob with the old content; null for a file that did not exist; `too large` for one that was not kept. */
  readonly before: { readonly blob: string; readonly mode: number } | null | 'too large'
  /** Folders that had to be made for it, outermost first. */
  readonly newFolders: readonly string[]
  /** SHA-256 of what the turn left, null for no file; undefined when the turn was cut before that was noted. */
  after?: string | null
}

export interface TurnChanges {
  readonly session: string
  readonly at: string
  undone: boolean
  readonly files: ChangedFile[]
}

export interface ChangeLogLimits {
  readonly turns: number
  readonly bytes: number
}

const usualLimits: ChangeLogLimits = { turns: 200, bytes: 256 * 1024 * 1024 }

/** What each turn changed in a folder, with copies of the old contents in the state folder, so that it can be shown and undone. */
export class ChangeLog {
  readonly root: string
  readonly #folder: string
  readonly #limits: ChangeLogLimits
  #turn: { name: string; changes: TurnChanges } | undefined
  #session = ''

  constructor(stateFolder: string, root: string, limits: ChangeLogLimits = usualLimits) {
    this.root = root
    this.#limits = limits
    this.#folder = join(stateFolder, 'undo', createHash('sha256').update(root).digest('hex').slice(0, 32))
  }

  /** What is changed from now on belongs to a new turn of this session. */
  beginTurn(session: string): void {
    this.#session = session
    this.#turn = undefined
  }

  /** Keeps what is at these paths, once a turn. Called before the change. */
  async before(paths: readonly string[]): Promise<void> {
    const turn = this.#turn ?? this.#open()
    this.#turn = turn
    for (const path of paths) {
      if (turn.changes.files.some((file) => file.path === path)) continue
      const copy = await captureFile(this.root, path)
      if (!copy) continue
      turn.changes.files.push({ path, before: await this.#keep(copy), newFolders: copy.newFolders })
    }
    await this.#write(turn.name, turn.changes)
  }

  /** Notes what is at these paths after the change. */
  async after(paths: readonly string[]): Promise<void> {
    const turn = this.#turn
    if (!turn) return
    for (const file of turn.changes.files) {
      if (!paths.includes(file.path)) continue
      const copy = await captureFile(this.root, file.path)
      file.after = copy?.bytes ? digest(copy.bytes) : copy?.isTooLarge ? 'too large' : null
    }
    await this.#write(turn.name, turn.changes)
  }

  /** The turns of a session that changed something, newest first. */
  async turnsOf(session: string): Promise<{ name: string; changes: TurnChanges }[]> {
    const names = (await this.#names()).filter((name) => name.endsWith('.json')).reverse()
    const turns: { name: string; changes: TurnChanges }[] = []
    for (const name of names) {
      const changes = await this.#read(name)
      if (changes?.session === session && changes.files.length > 0) turns.push({ name, changes })
    }
    return turns
  }

  /** The old content of a file; undefined when the copy is gone. */
  async contentBefore(file: ChangedFile): Promise<Buffer | null | undefined> {
    if (file.before === null) return null
    if (file.before === 'too large') return undefined
    return readFile(join(this.#folder, file.before.blob)).catch(() => undefined)
  }

  async markUndone(name: string, changes: TurnChanges): Promise<void> {
    changes.undone = true
    await this.#write(name, changes)
  }

  #open(): { name: string; changes: TurnChanges } {
    const at = new Date().toISOString()
    const name = `${at.replaceAll(/[:.]/g, '-')}.${randomBytes(4).toString('hex')}.json`
    return { name, changes: { session: this.#session, at, undone: false, files: [] } }
  }

  async #keep({ bytes, mode, isTooLarge }: FileCopy): Promise<ChangedFile['before']> {
    if (isTooLarge) return 'too large'
    if (bytes === null) return null
    const blob = `${digest(bytes)}.bin`
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    // Written beside and renamed: a copy that a crash has cut must not be taken for a whole one.
    const draft = join(this.#folder, `draft-${randomBytes(6).toString('hex')}`)
    await writeFile(draft, bytes, { flag: 'wx', mode: 0o600 })
    await rename(draft, join(this.#folder, blob))
    return { blob, mode }
  }

  async #write(name: string, changes: TurnChanges): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const draft = join(this.#folder, `draft-${randomBytes(6).toString('hex')}`)
    await writeFile(draft, JSON.stringify(changes), { flag: 'wx', mode: 0o600 })
    await rename(draft, join(this.#folder, name))
    await this.#prune()
  }

  async #read(name: string): Promise<TurnChanges | undefined> {
    try {
      const value = JSON.parse(await readFile(join(this.#folder, name), 'utf8')) as TurnChanges
      return typeof value.session === 'string' && Array.isArray(value.files) ? value : undefined
    } catch {
      return undefined
    }
  }

  async #names(): Promise<string[]> {
    return (await readdir(this.#folder).catch(() => [])).sort()
  }

  /** The oldest turns go first, and copies that no turn names any more. */
  async #prune(): Promise<void> {
    const names = await this.#names()
    const turns = names.filter((name) => name.endsWith('.json')).reverse()
    const sizes = new Map<string, number>()
    for (const name of names.filter((other) => other.endsWith('.bin'))) {
      sizes.set(name, (await stat(join(this.#folder, name)).catch(() => undefined))?.size ?? 0)
    }
    const named = new Set<string>()
    let bytes = 0
    for (const [index, name] of turns.entries()) {
      const changes = await this.#read(name)
      const blobs = (changes?.files ?? []).flatMap(({ before }) =>
        before !== null && before !== 'too large' && !named.has(before.blob) ? [before.blob] : [],
      )
      bytes += blobs.reduce((sum, blob) => sum + (sizes.get(blob) ?? 0), 0)
      const isKept = index === 0 || (index < this.#limits.turns && bytes <= this.#limits.bytes)
      if (isKept) for (const blob of blobs) named.add(blob)
      else await rm(join(this.#folder, name), { force: true })
    }
    for (const blob of sizes.keys()) if (!named.has(blob)) await rm(join(this.#folder, blob), { force: true })
  }
}

export function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
