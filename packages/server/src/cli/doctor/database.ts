import { constants } from 'node:fs'
import { access, open, stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { shortPath, size } from '../text.ts'
import { type Finding, ok, problem } from './finding.ts'

const NAME = 'Database'
const LEAST_FREE_BYTES = 200_000_000

/** Looks at the SQLite file without changing it; a server that runs on it is no obstacle. */
export async function checkDatabase(file: string, cwd: string): Promise<Finding> {
  const shown = `SQLite, ${shortPath(file, cwd)}`
  const info = await stat(file).catch(() => undefined)
  if (!info) return checkNewDatabase(file, shown, cwd)
  if (!info.isFile()) return problem(NAME, `${shown} is not a file`, 'Name a file in CODELAB_DATABASE_URL.')
  if (!(await isWritable(file)))
    return problem(NAME, `${shown} cannot be written`, `fix: chmod u+rw ${shortPath(file, cwd)}`)
  try {
    const journal = (await usesWal(file)) ? 'WAL' : 'no WAL'
    const schema = readSchema(await openQuietly(file))
    const facts = `${shown}, ${size(info.size)}`
    if (schema === undefined) {
      const what = info.size === 0 ? 'empty' : 'without the tables of CodeLab'
      if (info.size === 0) return ok(NAME, `${facts}, ${what}`)
      return problem(
        NAME,
        `${facts}, ${what}`,
        'It belongs to another program. Set CODELAB_DATABASE_URL to a new file.',
      )
    }
    const used = isLocked(`${file}.lock`) ? ', in use by a running server' : ''
    return ok(NAME, `${facts}, schema ${schema}, ${journal}${used}`)
  } catch (error) {
    return problem(
      NAME,
      `${shown} cannot be read: ${reasonOf(error)}`,
      'Restore it from a copy, or set CODELAB_DATABASE_URL to a new file.',
    )
  }
}

/** Room on the disk that the database lies on. */
export async function checkDisk(file: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(await nearestFolder(dirname(file)))
  const free = bavail * bsize
  if (free >= LEAST_FREE_BYTES) return ok('Disk', `${size(free)} free`)
  return problem('Disk', `only ${size(free)} free`, 'Make room, or set CODELAB_DATABASE_URL to a file on another disk.')
}

async function checkNewDatabase(file: string, shown: string, cwd: string): Promise<Finding> {
  const folder = await nearestFolder(dirname(file))
  if (await isWritable(folder)) return ok(NAME, `${shown}, made at the first start`)
  return problem(NAME, `${shown} cannot be made`, `${shortPath(folder, cwd)} is not writable for this user.`)
}

/** Without a `-wal` file nobody is using the database: read as immutable it leaves no `-wal` and `-shm` of this user behind. */
export async function openQuietly(file: string): Promise<DatabaseSync> {
  const url = pathToFileURL(file)
  if (!(await stat(`${file}-wal`).catch(() => undefined))) url.searchParams.set('immutable', '1')
  return new DatabaseSync(url, { readOnly: true, timeout: 2_000 })
}

/** The number of the last migration; undefined when the database was never migrated. Closes it. */
function readSchema(database: DatabaseSync): number | undefined {
  try {
    const table = database
      .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'kysely_migration'")
      .get()
    if (!table) return undefined
    const last = database.prepare('SELECT name FROM kysely_migration ORDER BY name DESC LIMIT 1').get()
    return Number.parseInt(String(last?.['name'] ?? 0), 10) || 0
  } finally {
    database.close()
  }
}

/** The 19th byte of the file says it; a database that is open as immutable does not. */
async function usesWal(file: string): Promise<boolean> {
  await using handle = await open(file)
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, 18)
  return buffer[0] === 2
}

/** A server holds this file with an exclusive transaction for as long as it lives. */
export function isLocked(lockFile: string): boolean {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(lockFile, { readOnly: true, timeout: 0 })
    lock.prepare('SELECT 1 FROM sqlite_master').get()
    return false
  } catch (error) {
    return reasonOf(error).includes('locked')
  } finally {
    lock?.close()
  }
}

/** The folder itself, or the first one above it that exists. */
async function nearestFolder(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    if (await stat(at).catch(() => undefined)) return at
    if (at === dirname(at)) return at
  }
}

async function isWritable(path: string): Promise<boolean> {
  return access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  )
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown error'
}
