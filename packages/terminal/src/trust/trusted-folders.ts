import { randomBytes } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FolderSettings } from './folder-settings.ts'

interface Entry {
  readonly folder: string
  readonly hash: string
  readonly isTrusted: boolean
}

const maxEntries = 500

/** What the person said about the settings of folders, by the hash of their contents; kept in the state folder. */
export class TrustedFolders {
  readonly #file: string
  readonly #stateFolder: string

  constructor(stateFolder: string) {
    this.#stateFolder = stateFolder
    this.#file = join(stateFolder, 'trust.json')
  }

  /** Undefined: never asked about exactly these contents. */
  answerFor({ folder, hash }: FolderSettings): boolean | undefined {
    return this.#read().find((entry) => entry.folder === folder && entry.hash === hash)?.isTrusted
  }

  /** Whether other contents of the folder were trusted: then these are a change. */
  wasTrusted({ folder, hash }: FolderSettings): boolean {
    return this.#read().some((entry) => entry.folder === folder && entry.hash !== hash && entry.isTrusted)
  }

  note({ folder, hash }: FolderSettings, isTrusted: boolean): void {
    const others = this.#read().filter((entry) => entry.folder !== folder || entry.hash !== hash)
    const draft = join(this.#stateFolder, `trust-${randomBytes(6).toString('hex')}`)
    const folders = [{ folder, hash, isTrusted }, ...others].slice(0, maxEntries)
    writeFileSync(draft, JSON.stringify({ folders }, null, 1), { flag: 'wx', mode: 0o600 })
    renameSync(draft, this.#file)
  }

  /** Takes back what was said about a folder. */
  forget(folder: string): boolean {
    const before = this.#read()
    const folders = before.filter((entry) => entry.folder !== folder)
    if (folders.length === before.length) return false
    const draft = join(this.#stateFolder, `trust-${randomBytes(6).toString('hex')}`)
    writeFileSync(draft, JSON.stringify({ folders }, null, 1), { flag: 'wx', mode: 0o600 })
    renameSync(draft, this.#file)
    return true
  }

  /** A file that is missing or damaged trusts nothing. */
  #read(): Entry[] {
    try {
      const value = JSON.parse(readFileSync(this.#file, 'utf8')) as { folders?: unknown }
      return Array.isArray(value.folders) ? value.folders.filter(isEntry) : []
    } catch {
      return []
    }
  }
}

function isEntry(value: unknown): value is Entry {
  const entry = value as Partial<Entry> | null
  return typeof entry?.folder === 'string' && typeof entry.hash === 'string' && typeof entry.isTrusted === 'boolean'
}
