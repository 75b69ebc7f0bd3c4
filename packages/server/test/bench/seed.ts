import { DatabaseSync } from 'node:sqlite'

/** So many copies of the first session of a database, the last active ones first made; every column as the server left it but for what tells
 *  them apart. Nobody may have the file open. */
export function seedSessions(file: string, count: number): void {
  using database = openForBulk(file)
  copyRows(database, 'sessions', count, {
    sid: "'seed-' || n",
    external_id: "'seed-' || n",
    last_activity: 'last_activity - n',
    created_key: 'null',
  })
  database.prepare('update session_totals set live = live + ?').run(count)
}

/** So many messages for a session, by turns of the user and of an assistant. */
export function seedMessages(file: string, externalId: string, count: number): void {
  using database = openForBulk(file)
  const session = database.prepare('select sid from sessions where external_id = ?').get(externalId) as { sid: string }
  // The two that the session has, over and over.
  database
    .prepare(
      `insert into messages (${columnsOf(database, 'messages').join(', ')})
       with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ?)
       select ${selectList(database, 'messages', { position: 'position + 2 * n', id: "id || '-' || n" })}
       from messages, numbers where sid = ? and position in (select position from messages where sid = ? order by position limit 2)`,
    )
    .run(Math.ceil(count / 2) - 1, session.sid, session.sid)
  database.prepare('update sessions set message_count = ? where sid = ?').run(count, session.sid)
}

export function seedRelay(file: string, sessions: number, messages: number): void {
  using database = openForBulk(file)
  const numbers = 'with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ?)'
  database
    .prepare(
      `insert into sessions (id, owner, title, at) ${numbers} select 'seed-' || n, 'service', null, 1e12 - n from numbers`,
    )
    .run(sessions)
  database
    .prepare(
      `insert into messages (session, position, role, text) ${numbers}
       select 'seed-1', n, case n % 2 when 0 then 'user' else 'assistant' end, 'word0 word1 word2 word3 word4 word5 word6 word7 ' from numbers`,
    )
    .run(messages)
}

function openForBulk(file: string): DatabaseSync {
  const database = new DatabaseSync(file)
  database.exec('pragma synchronous = off; pragma cache_size = -262144; pragma foreign_keys = off')
  return database
}

function copyRows(
  database: DatabaseSync,
  table: string,
  count: number,
  differing: Readonly<Record<string, string>>,
): void {
  database
    .prepare(
      `insert into ${table} (${columnsOf(database, table).join(', ')})
       with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ?)
       select ${selectList(database, table, differing)}
       from numbers, (select * from ${table} order by rowid limit 1)`,
    )
    .run(count)
}

function selectList(database: DatabaseSync, table: string, differing: Readonly<Record<string, string>>): string {
  return columnsOf(database, table)
    .map((column) => differing[column] ?? column)
    .join(', ')
}

function columnsOf(database: DatabaseSync, table: string): string[] {
  return database
    .prepare(`pragma table_info(${table})`)
    .all()
    .map((row) => String(row['name']))
}
