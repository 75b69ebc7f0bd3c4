import { RuntimeError } from '../../../domain/errors.ts'

/** SQLite's primary result codes (sqlite.org/rescode.html) that say something about the world and not about a statement. */
const BUSY = 5
const LOCKED = 6
const READONLY = 8
const IOERR = 10
const CORRUPT = 11
const FULL = 13
const CANTOPEN = 14
const NOTADB = 26

const unavailable: ReadonlyMap<number, readonly [what: string, hint: string]> = new Map([
  [READONLY, ['The database is read-only.', 'Make its file and its folder writable for the server.']],
  [IOERR, ['The database cannot be read or written.', 'Look at the disk of the server.']],
  [CORRUPT, ['The database is damaged.', 'Stop the server and restore a copy of the database.']],
  [FULL, ['The disk of the database is full.', 'Free some space; no restart is needed.']],
  [CANTOPEN, ['The database cannot be opened.', 'Look at the rights of its file and its folder.']],
  [NOTADB, ['The file is not a database.', 'Name another file.']],
])

/** What the engine threw, as one of ours: `storage_busy`, `storage_unavailable`, or unchanged when a statement is to blame. */
export function storageError(thrown: unknown): unknown {
  const code = resultCode(thrown)
  if (code === undefined) return thrown
  if (code === BUSY || code === LOCKED) {
    return new RuntimeError('storage_busy', 'The database is busy: another program is writing to it.', {
      cause: thrown,
      details: { hint: 'Try again in a moment.', retryAfterMs: 1000 },
    })
  }
  const text = unavailable.get(code)
  if (text === undefined) return thrown
  return new RuntimeError('storage_unavailable', text[0], { cause: thrown, details: { hint: text[1] } })
}

export function isBusy(thrown: unknown): boolean {
  return resultCode(thrown) === BUSY
}

function resultCode(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('errcode' in thrown) || typeof thrown.errcode !== 'number') return undefined
  return thrown.errcode & 0xff
}
