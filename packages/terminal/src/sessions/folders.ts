import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Entry {
  readonly folder: string
  readonly id: string
}

const maxEntries = 500

/** Which session belongs to which folder, newest first; kept in the state folder, 500 in all. */
export class Folders {
  readonly #path: string
  readonly #stateFolder: string

  constructor(stateFolder: string) {
    this.#stateFolder = stateFolder
    this.#path = join(stateFolder, 'folders.json')
  }

  sessionsOf(folder: string): string[] {
    return this.#read().flatMap((entry) => (entry.folder === folder ? [entry.id] : []))
  }

  folderOf(id: string): string | undefined {
    return this.#read().find((entry) => entry.id === id)?.folder
  }

  /** Notes that a session was used in a folder: it is the folder's last one now. */
  remember(folder: string, id: string): void {
    const others = this.#read().filter((entry) => entry.id !== id)
    this.#write([{ folder, id }, ...others].slice(0, maxEntries))
  }

  forget(id: string): void {
    this.#write(this.#read().filter((entry) => entry.id !== id))
  }

  /** A file that is missing or damaged counts as empty: it only remembers, nothing is lost with it. */
  #read(): Entry[] {
    try {
      const value = JSON.parse(readFileSync(this.#path, 'utf8')) as { sessions?: unknown }
      return Array.isArray(value.sessions) ? value.sessions.filter(isEntry) : []
    } catch {
      return []
    }
  }

  #write(sessions: readonly Entry[]): void {
    const draft = join(this.#stateFolder, `folders-${randomBytes(6).toString('hex')}`)
    writeFileSync(draft, JSON.stringify({ sessions }, null, 1), { flag: 'wx', mode: 0o600 })
    renameSync(draft, this.#path)
  }
}

function isEntry(value: unknown): value is Entry {
  const entry = value as Partial<Entry> | null
  return typeof entry?.folder === 'string' && typeof entry.id === 'string'
}
