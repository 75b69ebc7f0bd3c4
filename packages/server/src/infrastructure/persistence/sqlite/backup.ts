import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { backup, DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import type { Backups } from '../../../application/ports/maintenance.ts'
import { RuntimeError } from '../../../domain/errors.ts'
import { storageError } from './errors.ts'

/** A caller of the API must not be able to fill the disk. */
const MOST_BACKUPS = 20
/** More pages than a database can have: one step, so that the copy is of one moment. */
const ALL_PAGES = 2_147_483_647

export function backupFolder(file: string): string {
  return `${file}.backups`
}

/** Copies of a database that is in use, in a folder beside it: a caller never chooses where a server writes. */
export function createBackups(file: string): Backups {
  let running = false
  return {
    async make() {
      if (running) {
        throw new RuntimeError('overloaded', 'A backup is being made already', { details: { retryAfterMs: 5_000 } })
      }
      running = true
      try {
        return await makeBackup(file)
      } catch (thrown) {
        throw storageError(thrown)
      } finally {
        running = false
      }
    },
  }
}

async function makeBackup(file: string): Promise<{ readonly name: string; readonly bytes: number }> {
  const folder = backupFolder(file)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const kept = readdirSync(folder).filter((name) => name.endsWith('.db'))
  if (kept.length >= MOST_BACKUPS) {
    throw new RuntimeError('storage_unavailable', `There are ${kept.length} backups already`, {
      details: { hint: `Move some of them out of ${basename(folder)}, which lies beside the database.` },
    })
  }
  const time = new Date().toISOString().replace(/[-:]/g, '').replace('.', '-')
  const name = `${basename(file, '.db')}-${time}.db`
  await copyDatabase(file, join(folder, name))
  return { name, bytes: statSync(join(folder, name)).size }
}

/** A complete copy of one moment, synced before it gets its name. Reads through a connection of its own and on another thread: neither the
 *  server nor its streams wait for it. */
export async function copyDatabase(from: string, to: string): Promise<void> {
  const unfinished = `${to}.tmp`
  rmSync(unfinished, { force: true })
  const source = openUntouched(from)
  try {
    await backup(source, unfinished, { rate: ALL_PAGES })
  } catch (thrown) {
    rmSync(unfinished, { force: true })
    throw thrown
  } finally {
    source.close()
  }
  makeSingleFile(unfinished)
  chmodSync(unfinished, 0o600)
  await syncPath(unfinished)
  renameSync(unfinished, to)
  if (process.platform !== 'win32') await syncPath(dirname(to))
}

/** Reads a database. One that nobody has open is read as immutable, or SQLite would leave a `-wal` and a `-shm` beside it. */
export function openUntouched(file: string): DatabaseSync {
  const url = pathToFileURL(file)
  if (!existsSync(`${file}-wal`)) url.searchParams.set('immutable', '1')
  return new DatabaseSync(url, { readOnly: true, timeout: 5_000 })
}

/** A copy is one file: without a write-ahead log, until a server opens it. */
function makeSingleFile(file: string): void {
  using database = new DatabaseSync(file)
  database.exec('pragma journal_mode = delete')
}

export async function syncPath(path: string): Promise<void> {
  await using handle = await open(path, 'r')
  await handle.sync()
}
