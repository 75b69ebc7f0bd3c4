import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { PostgresDatabase } from '../postgres/database.ts'
import type { ServerProcess } from '../server-process.ts'

const withGaps = `SELECT s.external_id AS id, s.last_seq AS last, count(e.seq) AS count, max(e.seq) AS highest
  FROM sessions s LEFT JOIN events e ON e.sid = s.sid GROUP BY s.sid
  HAVING count(e.seq) <> s.last_seq OR max(e.seq) <> s.last_seq`

/** Sessions whose log has a gap, read from the database of a server that has stopped. */
export async function gapsOf({ folder, database }: ServerProcess): Promise<string[]> {
  if (database) return await sessionGaps(database)
  using file = new DatabaseSync(join(folder, 'data/agent_runtime.db'), { readOnly: true })
  return told(file.prepare(withGaps).all())
}

/** The same of a PostgreSQL, whoever uses it. */
export async function sessionGaps(database: PostgresDatabase): Promise<string[]> {
  return told(await database.execute(withGaps))
}

function told(rows: readonly Record<string, unknown>[]): string[] {
  return rows.map(
    (row) => `the log of ${row['id']} has ${row['count']} events up to ${row['highest']}, not ${row['last']}`,
  )
}
