import { chmodSync, closeSync, existsSync, openSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { RuntimeError } from '../../../domain/errors.ts'
import { isBusy } from './errors.ts'
import { OTHER_FILE, shownPath } from './shown-path.ts'

/** Two that start at the same moment can get in each other's way; one of them gets through within this time. */
const WAIT_MS = 500
/** Where SQLite keeps `user_version` in its file, four bytes, big-endian (sqlite.org/fileformat.html). */
const USER_VERSION_AT = 60

/**
 * Keeps a second process off the database: an exclusive lock of SQLite on `<file>.lock`, which the system drops with the process.
 * The file stays when the lock is gone. Throws `storage_unavailable` when another process has it.
 */
export function takeLock(file: string): { release(): void } {
  const path = `${file}.lock`
  makePrivate(path)
  const holder = new DatabaseSync(path, { timeout: WAIT_MS })
  try {
    // Without a journal on the disk there is nothing to recover. The pid is in the header, where others can read it past the lock;
    // `locking_mode` keeps the lock between the two transactions.
    holder.exec(`pragma journal_mode = memory; pragma synchronous = off; pragma locking_mode = exclusive;
      begin exclusive; pragma user_version = ${process.pid}; commit; begin exclusive`)
  } catch (thrown) {
    holder.close()
    if (!isBusy(thrown)) throw thrown
    throw new RuntimeError(
      'storage_unavailable',
      `The database ${shownPath(file)} is in use by another CodeLab process${shownPid(path)}. Stop it, or ${OTHER_FILE}`,
      { cause: thrown },
    )
  }
  return { release: () => holder.close() }
}

/** As private as the database itself; one that an earlier version made may be open to all. A file that is there is not opened for it: closing
 *  any descriptor of it would drop a lock that this process has. */
function makePrivate(path: string): void {
  if (!existsSync(path)) closeSync(openSync(path, 'a', 0o600))
  try {
    chmodSync(path, 0o600)
  } catch {
    // It belongs to somebody else, who may still let us lock it.
  }
}

function shownPid(path: string): string {
  try {
    const pid = readFileSync(path).readUInt32BE(USER_VERSION_AT)
    return pid > 0 ? ` (pid ${pid})` : ''
  } catch {
    return ''
  }
}
