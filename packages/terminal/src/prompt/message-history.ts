import { randomBytes } from 'node:crypto'
import { appendFileSync, chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const kept = 1000
const compactAt = 1500
const maxText = 16 * 1024
const maxBytes = 4 * 1024 * 1024

/** What was sent in earlier chats, oldest first; 1,000 messages in a file of the state folder that only this user can read. */
export class MessageHistory {
  readonly #file: string
  readonly #folder: string
  #lines: string[]

  constructor(stateFolder: string) {
    this.#folder = stateFolder
    this.#file = join(stateFolder, 'history.jsonl')
    this.#lines = readLines(this.#file)
  }

  get entries(): readonly string[] {
    return this.#lines.slice(-kept).flatMap((line) => readText(line) ?? [])
  }

  /** Keeps a message, except one that begins with a space or is very long. A file that cannot be written only forgets. */
  add(text: string): void {
    if (text.startsWith(' ') || text.trim() === '' || text.length > maxText || this.entries.at(-1) === text) return
    const line = JSON.stringify({ text })
    this.#lines.push(line)
    try {
      appendFileSync(this.#file, `${line}\n`, { mode: 0o600 })
      if (this.#lines.length > compactAt) this.#compact()
    } catch {
      // The chat goes on without it.
    }
  }

  #compact(): void {
    this.#lines = this.#lines.slice(-kept)
    const draft = join(this.#folder, `history-${randomBytes(6).toString('hex')}`)
    writeFileSync(draft, `${this.#lines.join('\n')}\n`, { flag: 'wx', mode: 0o600 })
    renameSync(draft, this.#file)
  }
}

function readLines(file: string): string[] {
  try {
    chmodSync(file, 0o600)
    return readFileSync(file).subarray(-maxBytes).toString('utf8').split('\n').filter(Boolean)
  } catch {
    return []
  }
}

function readText(line: string): string | undefined {
  try {
    const { text } = JSON.parse(line) as { text?: unknown }
    return typeof text === 'string' ? text : undefined
  } catch {
    return undefined
  }
}
