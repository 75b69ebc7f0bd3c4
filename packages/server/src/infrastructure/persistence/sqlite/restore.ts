import { existsSync, linkSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { RuntimeError } from '../../../domain/errors.ts'
import { migrations } from '../migrations/index.ts'
import { copyDatabase, openUntouched, syncPath } from './backup.ts'
import { takeLock } from './lock-file.ts'

export interface Restored {
  readonly schema: number
  readonly sessions: number
  /** Where the database of before is; undefined when there was none. */
  readonly kept: string | undefined
}

/** Puts a backup in the place of the database, which no server may have open. Examines the backup first; the database of before stays beside
 *  it. Throws `storage_unavailable` with a text for whoever restores, and nothing is changed then. */
export async function restoreDatabase(backupFile: string, file: string): Promise<Restored> {
  const facts = examine(backupFile)
  mkdirSync(dirname(file), { recursive: true })
  const lock = takeLock(file)
  try {
    const fresh = `${file}.restoring`
    await copyDatabase(backupFile, fresh)
    const kept = existsSync(file) ? keepOld(file) : undefined
    renameSync(fresh, file)
    if (process.platform !== 'win32') await syncPath(dirname(file))
    return { ...facts, kept }
  } finally {
    lock.release()
  }
}

/** The old file gets a second name, so that there is never a moment without a database. */
function keepOld(file: string): string {
  const kept = `${file}.before-restore-${new Date().toISOString().replace(/[-:]/g, '').replace('.', '-')}`
  writeLogBack(file)
  linkSync(file, kept)
  // What could not be written back belongs to the old file: beside the new one it would be taken for its own.
  if (existsSync(`${file}-wal`)) renameSync(`${file}-wal`, `${kept}-wal`)
  rmSync(`${file}-shm`, { force: true })
  return kept
}

function writeLogBack(file: string): void {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file, { timeout: 1_000 })
    database.exec('pragma wal_checkpoint(truncate)')
  } catch {
    // A damaged database is a reason to restore, and no obstacle to it.
  } finally {
    database?.close()
  }
}

function examine(backupFile: string): { readonly schema: number; readonly sessions: number } {
  if (!existsSync(backupFile) || !statSync(backupFile).isFile()) throw refused('There is no such file')
  let database: DatabaseSync | undefined
  try {
    database = openUntouched(backupFile)
    const [state] = database.prepare('pragma integrity_check(1)').all()
    if (state?.['integrity_check'] !== 'ok') throw refused('The file is damaged')
    const done = database.prepare('select name from kysely_migration order by name').all()
    const last = String(done.at(-1)?.['name'] ?? '')
    const newer = done.find(({ name }) => !(String(name) in migrations))
    if (newer) throw refused(`The file is of a newer CodeLab (schema ${String(newer['name'])})`)
    const sessions = database.prepare('select count(*) as n from sessions where deleted_at is null').get()
    return { schema: Number.parseInt(last, 10) || 0, sessions: Number(sessions?.['n'] ?? 0) }
  } catch (thrown) {
    if (thrown instanceof RuntimeError) throw thrown
    throw refused('The file is not a database of CodeLab', thrown)
  } finally {
    database?.close()
  }
}

function refused(text: string, cause?: unknown): RuntimeError {
  return new RuntimeError('storage_unavailable', text, {
    cause,
    details: { hint: 'Nothing was changed. Name another backup.' },
  })
}
