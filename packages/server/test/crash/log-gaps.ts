import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Sessions whose log has a gap, read from the file of a server that has stopped. */
export function gapsOf(folder: string): string[] {
  const database = new DatabaseSync(join(folder, 'data/agent_runtime.db'), { readOnly: true })
  try {
    const rows = database
      .prepare(
        `SELECT s.external_id AS id, s.last_seq AS last, count(e.seq) AS count, max(e.seq) AS highest
         FROM sessions s LEFT JOIN events e ON e.sid = s.sid GROUP BY s.sid
         HAVING count(e.seq) <> s.last_seq OR max(e.seq) <> s.last_seq`,
      )
      .all()
    return rows.map(
      (row) => `the log of ${row['id']} has ${row['count']} events up to ${row['highest']}, not ${row['last']}`,
    )
  } finally {
    database.close()
  }
}
