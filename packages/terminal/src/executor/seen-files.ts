import { createHash, randomBytes } from 'node:crypto'
import { lstat, mkdir, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { readJsonLines } from './json-lines.ts'
import type { OpenFolder } from './open-folder.ts'

/**
 * What a session was last shown of each file, or wrote to it: a digest by session and path. Kept beyond our own death, in a file of JSON
 * lines per folder. A note that is lost costs the model one more read, so none is waited for on the disk.
 */
export interface SeenFiles {
  digestOf(session: string, path: string): string | undefined
  note(session: string, path: string, digest: string): Promise<void>
  forget(session: string, path: string): Promise<void>
}

interface Entry {
  readonly session: string
  readonly path: string
  /** Null for a file that is gone. */
  readonly digest: string | null
}

const keptEntries = 10_000
const fileLimit = 4 * 1024 * 1024

export async function openSeenFiles(stateFolder: string, root: string): Promise<SeenFiles> {
  const folder = join(stateFolder, 'seen')
  const file = join(folder, `${createHash('sha256').update(root).digest('hex').slice(0, 32)}.jsonl`)
  const entries = await readEntries(file)
  let last: Promise<void> = Promise.resolve()

  function remember(entry: Entry): void {
    put(entries, entry)
    for (const oldest of entries.keys()) {
      if (entries.size <= keptEntries) break
      entries.delete(oldest)
    }
  }

  async function append(entry: Entry): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    const handle = await open(file, 'a', 0o600)
    let size: number
    try {
      await handle.appendFile(`\n${JSON.stringify(entry)}\n`)
      size = (await handle.stat()).size
    } finally {
      await handle.close()
    }
    if (size > fileLimit) await rewriteFile(file, entries)
  }

  function store(entry: Entry): Promise<void> {
    remember(entry)
    last = last.then(() => append(entry)).catch(() => undefined)
    return last
  }

  return {
    digestOf: (session, path) => entries.get(keyOf(session, path))?.digest ?? undefined,
    note: (session, path, digest) => store({ session, path, digest }),
    forget: (session, path) => store({ session, path, digest: null }),
  }
}

export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** For a file that is too large to be read: whatever writes to it changes this too, unless it hides it. */
export async function digestOfLarge(folder: OpenFolder, name: string): Promise<string> {
  const { size, mtimeNs, ino } = await lstat(folder.at(name), { bigint: true })
  return `large:${size}:${mtimeNs}:${ino}`
}

function keyOf(session: string, path: string): string {
  return `${session}\n${path}`
}

function put(entries: Map<string, Entry>, entry: Entry): void {
  const key = keyOf(entry.session, entry.path)
  entries.delete(key)
  if (entry.digest !== null) entries.set(key, entry)
}

async function readEntries(file: string): Promise<Map<string, Entry>> {
  const entries = new Map<string, Entry>()
  for (const entry of await readJsonLines(file, isEntry)) put(entries, entry)
  return new Map([...entries].slice(-keptEntries))
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false
  if (!('session' in value && 'path' in value && 'digest' in value)) return false
  const { session, path, digest } = value
  return typeof session === 'string' && typeof path === 'string' && (typeof digest === 'string' || digest === null)
}

async function rewriteFile(file: string, entries: ReadonlyMap<string, Entry>): Promise<void> {
  const lines = [...entries.values()].slice(-keptEntries / 2).map((entry) => `${JSON.stringify(entry)}\n`)
  const temporary = `${file}.${randomBytes(4).toString('hex')}`
  const handle = await open(temporary, 'wx', 0o600)
  try {
    await handle.writeFile(lines.join(''))
  } finally {
    await handle.close()
  }
  await rename(temporary, file)
}
