import { existsSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import type { SessionSource } from '../../application/ports/session-source.ts'
import { RuntimeError } from '../../domain/errors.ts'
import { shownPath } from '../persistence/sqlite/shown-path.ts'
import { countRows, readLayout, readSessions } from './read-sessions.ts'
import { notOurs, type Row, type TableReader } from './rows.ts'

/** Longer than any write of the service takes. */
const BUSY_MS = 30_000

/** The SQLite file of the Python service, opened for reading only. Throws `not_found`, `invalid_input`, `storage_unavailable`. */
export async function openSqliteSource(file: string): Promise<SessionSource> {
  const shown = shownPath(file)
  if (!existsSync(file) || !statSync(file).isFile()) {
    throw new RuntimeError('not_found', `There is no file ${shown}`, {
      details: { hint: 'Name what AGENT_RUNTIME__DB_URL of the Python service named, or the file itself.' },
    })
  }
  // Nobody has it open: read as it lies there, it gets no file of ours beside it.
  const isQuiet = ![`${file}-wal`, `${file}-journal`].some((path) => existsSync(path))
  const url = pathToFileURL(file)
  if (isQuiet) url.searchParams.set('immutable', '1')
  const database = new DatabaseSync(url, { readOnly: true, timeout: BUSY_MS })
  try {
    database.exec('begin')
    const reader = readerOf(database)
    const layout = await readLayout(reader, shown)
    return {
      shown,
      mayBeInUse: !isQuiet,
      counts: () => countRows(reader, layout),
      sessions: () => readSessions(reader, layout),
      [Symbol.asyncDispose]: async () => database.close(),
    }
  } catch (thrown) {
    database.close()
    throw readError(shown, thrown)
  }
}

function readerOf(database: DatabaseSync): TableReader {
  return {
    columns: async (table) => {
      const rows = database.prepare('select name from pragma_table_info(?)').all(table)
      return new Set(rows.map((row) => String(row['name'])))
    },
    async *rows(query) {
      for (const row of database.prepare(query).iterate()) yield row as Row
    },
    byBytes: (column) => column,
    arrival: 'rowid',
  }
}

function readError(shown: string, thrown: unknown): unknown {
  if (thrown instanceof RuntimeError || !(thrown instanceof Error)) return thrown
  if (thrown.message.includes('not a database')) return notOurs(shown, 'it is no SQLite file')
  return new RuntimeError('storage_unavailable', `${shown} cannot be read: ${thrown.message}`, { cause: thrown })
}
