import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Migration } from 'kysely/migration'
import type { Clock } from '../../../application/ports/clock.ts'
import type { Log } from '../../../application/ports/log.ts'
import { RuntimeError } from '../../../domain/errors.ts'
import { migrations as ours } from '../migrations/index.ts'
import { migrate } from '../migrations/migrate.ts'
import type { OpenedStore } from '../opened-store.ts'
import { kyselyOver, UnitConnection } from './connection.ts'
import { storageError } from './errors.ts'
import { takeLock } from './lock-file.ts'
import { SharedSync } from './shared-sync.ts'
import { OTHER_FILE, shownPath } from './shown-path.ts'
import { Statements } from './statements.ts'
import { SqliteUnitOfWork } from './unit-of-work.ts'

/** Waits of the start only; afterwards the unit of work waits, without stopping the event loop. */
const START_BUSY_MS = 5000

export interface SqliteStoreOptions {
  /** Absolute path of the database file; its folder is made. */
  readonly file: string
  /** What a commit survives: `full` a loss of power, `normal` the end of the process. */
  readonly durability: 'full' | 'normal'
  readonly clock: Clock
  readonly log: Log
  /** The store can promise nothing any more and refuses to write: end the process. */
  readonly onFatal: (error: unknown) => void
  /** Other migrations than ours. */
  readonly migrations?: Readonly<Record<string, Migration>>
}

/** Opens the database for this process alone. Throws `storage_unavailable` with a text for whoever starts the server. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<OpenedStore> {
  await using undo = new AsyncDisposableStack()
  try {
    const store = await openParts(options, undo)
    undo.move()
    return store
  } catch (thrown) {
    throw startError(options.file, thrown)
  }
}

async function openParts(options: SqliteStoreOptions, undo: AsyncDisposableStack): Promise<OpenedStore> {
  const { file, clock, log, onFatal } = options
  makeFolder(dirname(file))
  const lock = undo.adopt(takeLock(file), (held) => held.release())
  const created = prepareFile(file)
  const database = undo.adopt(new DatabaseSync(file, { timeout: START_BUSY_MS }), (opened) => opened.close())
  const statements = new Statements(database)
  tune(database)
  const schemaVersion = await bringUpToDate(options, database, statements)
  database.exec('pragma synchronous = normal; pragma busy_timeout = 0')
  const wal = options.durability === 'full' ? await openLog(file) : undefined
  const sync = wal && new SharedSync({ sync: () => wal.datasync(), onFailure: onFatal })
  const unitOfWork = new SqliteUnitOfWork({ statements, sync, clock, onFatal })
  return {
    unitOfWork,
    heartbeats: unitOfWork,
    created,
    schemaVersion,
    sessionCount: () => unitOfWork.read((tx) => tx.sessions.count()),
    close: () => closeAll({ unitOfWork, database, wal, lock, log }),
  }
}

/** Says whether the file is new. It is private to its owner: it holds what people and models said. */
function prepareFile(file: string): boolean {
  const created = !existsSync(file) || statSync(file).size === 0
  // Opened for writing even when it is there: SQLite takes a read-only file without a word and fails later.
  closeSync(openSync(file, created ? 'a' : 'r+', 0o600))
  return created
}

/** Until the schema stands, SQLite itself syncs every commit (`synchronous = full`). */
function tune(database: DatabaseSync): void {
  database.exec(`pragma journal_mode = wal;
    pragma synchronous = full;
    pragma foreign_keys = on;
    pragma temp_store = memory;
    pragma cache_size = -32000;
    pragma wal_autocheckpoint = 4000;
    pragma journal_size_limit = 67108864`)
}

async function bringUpToDate(options: SqliteStoreOptions, database: DatabaseSync, statements: Statements) {
  const { file, log } = options
  const connection = new UnitConnection(statements, true)
  try {
    return await migrate({
      db: kyselyOver(connection),
      migrations: options.migrations ?? ours,
      shown: shownPath(file),
      instead: OTHER_FILE,
      beforeChange: (number) => {
        const copy = copyBefore(database, file, number)
        log.info('The database was copied before its schema changes', { copy: shownPath(copy) })
      },
    })
  } finally {
    connection.end()
  }
}

function copyBefore(database: DatabaseSync, file: string, number: string): string {
  const copy = `${file}.before-${number}.bak`
  const unfinished = `${copy}.tmp`
  rmSync(unfinished, { force: true })
  database.prepare('vacuum into ?').run(unfinished)
  chmodSync(unfinished, statSync(file).mode)
  syncPath(unfinished)
  renameSync(unfinished, copy)
  syncPath(dirname(file))
  return copy
}

/** SQLite made the write-ahead log, but syncs its name in the folder only at its first checkpoint: we promise something before that.
 *  While the database is open the file is never replaced, so one descriptor serves; and it is told of every write that failed. */
async function openLog(file: string): Promise<FileHandle> {
  syncPath(dirname(file))
  return open(`${file}-wal`, 'r+')
}

function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true })
  if (first === undefined) return
  const stop = dirname(first)
  for (let made = folder; made !== stop; made = dirname(made)) syncPath(dirname(made))
}

function syncPath(path: string): void {
  // Windows has no descriptors of folders; NTFS journals names by itself.
  if (process.platform === 'win32') return
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

interface Closing {
  readonly unitOfWork: SqliteUnitOfWork
  readonly database: DatabaseSync
  readonly wal: FileHandle | undefined
  readonly lock: { release(): void }
  readonly log: Log
}

/** Writes the log back and gives the database free. */
async function closeAll({ unitOfWork, database, wal, lock, log }: Closing): Promise<void> {
  if (!database.isOpen) return
  try {
    await unitOfWork.close()
    database.exec('pragma wal_checkpoint(truncate)')
  } catch (thrown) {
    // What is committed stays in the write-ahead log; the next start reads it.
    log.warn('The database was closed without writing its log back', { error: String(thrown) })
  }
  await wal?.close()
  database.close()
  lock.release()
}

function startError(file: string, thrown: unknown): unknown {
  if (thrown instanceof RuntimeError) return thrown
  const known = storageError(thrown)
  const reason = known instanceof RuntimeError ? `${known.message} ${known.details.hint}` : systemReason(thrown)
  if (reason === undefined) return thrown
  const text = `The database ${shownPath(file)} cannot be opened. ${reason} Or ${OTHER_FILE}`
  return new RuntimeError('storage_unavailable', text, { cause: thrown })
}

function systemReason(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || !('syscall' in thrown)) return undefined
  switch (thrown.code) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'The file or its folder is read-only. Make both writable for the server.'
    case 'ENOSPC':
      return 'The disk is full. Free some space.'
    case 'EISDIR':
      return 'It is a folder. Name a file in it.'
    case 'EEXIST':
    case 'ENOTDIR':
      return 'A part of its path is a file where a folder should be.'
    default:
      return `The system says ${String(thrown.code)}.`
  }
}
