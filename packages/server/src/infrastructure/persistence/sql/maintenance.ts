import { sql } from 'kysely'
import type { IdleQuery, MaintenanceStore, PurgeQuery } from '../../../application/ports/maintenance.ts'
import { toEvent } from './attachments.ts'
import type { Engine } from './engine.ts'
import type { Queries, Schema } from './schema.ts'
import { noteSessions } from './session-totals.ts'
import { flag } from './values.ts'

type SessionTables = { [T in keyof Schema]: 'sid' extends keyof Schema[T] ? T : never }[keyof Schema]

/** Every table that belongs to sessions, with a column that tells its rows of one session apart. One that is missing does not compile. */
const ownedTables: Readonly<Record<Exclude<SessionTables, 'sessions'>, string>> = {
  messages: 'position',
  tool_calls: 'position',
  tool_previews: 'call_id',
  tool_artifacts: 'call_id',
  turns: 'position',
  runs: 'run_id',
  model_calls: 'position',
  agent_switches: 'position',
  inputs: 'position',
  drafts: 'message_id',
  followers: 'listener',
  grants: 'position',
  session_contexts: 'sid',
  agent_files: 'sid',
  dead_letters: 'id',
  events: 'position',
}

export function createMaintenanceStore(db: Queries, engine: Engine): MaintenanceStore {
  return {
    async nextOwner(after) {
      let query = db.selectFrom('sessions').select('owner_id').where('deleted_at', 'is', null)
      if (after !== null) query = query.where('owner_id', '>', after)
      return (await query.orderBy('owner_id').limit(1).executeTakeFirst())?.owner_id
    },

    async listIdle({ ownerId, before, emptyOnly, after, limit }) {
      let query = db
        .selectFrom('sessions')
        .select(['sid', 'last_activity as lastActivity'])
        .where('owner_id', '=', ownerId)
        .where('deleted_at', 'is', null)
        .where('last_activity', '<', before)
      if (emptyOnly) query = query.where('message_count', '=', sql.lit(0))
      if (after) {
        query = query
          .where('last_activity', '>=', after.lastActivity)
          .where((eb) => eb.or([eb('last_activity', '>', after.lastActivity), eb('sid', '<', after.sid)]))
      }
      // Both columns against the direction of the index, so that it is read backwards and nothing is sorted.
      return await query.orderBy('last_activity').orderBy('sid', 'desc').limit(limit).execute()
    },

    async listRemovable(query, sids) {
      if (sids.length === 0) return []
      return await db
        .selectFrom('sessions')
        .select((eb) => [
          'sid',
          'owner_id as ownerId',
          'external_id as externalId',
          'title',
          'last_activity as lastActivity',
          'message_count as messageCount',
          eb
            .selectFrom('messages')
            .whereRef('messages.sid', '=', 'sessions.sid')
            .select(sql<number>`coalesce(sum(octet_length(parts)), 0)`.as('bytes'))
            .$asScalar()
            .$notNull()
            .as('bytes'),
        ])
        .where('sid', 'in', sids)
        .where(mayGo(query))
        .orderBy('last_activity')
        .orderBy('sid', 'desc')
        .execute()
    },

    async removeIdle(query, sids, at) {
      if (sids.length === 0) return []
      const rows = await db
        .updateTable('sessions')
        .set({ deleted_at: at, is_active: 0 })
        .where('sid', 'in', sids)
        .where(mayGo(query))
        .returning(['sid', 'owner_id'])
        .execute()
      await noteSessions(db, engine, rows, -1)
      return rows.map(({ sid }) => sid)
    },

    purge: (query, rows) => purge(db, query, rows),

    async countPurgeable(query) {
      const { count } = await db
        .selectFrom('sessions')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where(mayBePurged(query))
        .executeTakeFirstOrThrow()
      return Number(count)
    },

    async timeline(sid, limit) {
      const rows = await db
        .selectFrom('events')
        .selectAll()
        .where('sid', '=', sid)
        .orderBy('seq', 'desc')
        .limit(limit)
        .execute()
      return rows.map(toEvent).reverse()
    },

    async isOn(name) {
      const row = await db.selectFrom('operator_switches').select('is_on').where('name', '=', name).executeTakeFirst()
      return row?.is_on === 1
    },

    async switchTo(name, on, at) {
      const values = { name, is_on: flag(on), at }
      await db
        .insertInto('operator_switches')
        .values(values)
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ is_on: values.is_on, at }))
        .execute()
    },
  }
}

/** The one condition of cleanup. What a session waits for is asked of the waiting rows themselves, not of its state alone. */
function mayGo({ before, emptyOnly }: IdleQuery) {
  const empty = emptyOnly ? sql`and sessions.message_count = 0` : sql``
  return sql<boolean>`sessions.deleted_at is null and sessions.state = 'idle' and sessions.last_activity < ${before} ${empty}
    and not exists (select 1 from inputs where inputs.sid = sessions.sid and inputs.state = 'waiting')
    and not exists (select 1 from tool_calls
      where tool_calls.sid = sessions.sid and tool_calls.state in ('open', 'awaiting_approval'))`
}

/** The newest event of a session has its highest position. Without one (a purge was cut in the middle) nothing is waited for. */
function mayBePurged({ before, reached }: PurgeQuery) {
  const seen =
    reached === null
      ? sql``
      : sql`and coalesce((select position from events where events.sid = sessions.sid order by seq desc limit 1), 0) <= ${reached}`
  return sql<boolean>`sessions.deleted_at < ${before} and sessions.state != 'running' ${seen}`
}

/** Table after table, the session's own row last: cut in the middle, the next step goes on. */
async function purge(db: Queries, query: PurgeQuery, limit: number) {
  const session = await db
    .selectFrom('sessions')
    .select('sid')
    .where(mayBePurged(query))
    .orderBy('deleted_at')
    .orderBy('sid')
    .limit(1)
    .executeTakeFirst()
  if (!session) return { rows: 0, sessions: 0 }
  let rows = 0
  for (const [table, key] of Object.entries(ownedTables)) {
    const [from, by] = [sql.table(table), sql.ref(key)]
    const deleted = await sql`delete from ${from} where sid = ${session.sid} and ${by} in
      (select ${by} from ${from} where sid = ${session.sid} limit ${limit - rows})`.execute(db)
    rows += Number(deleted.numAffectedRows ?? 0)
    if (rows >= limit) return { rows, sessions: 0 }
  }
  await db.deleteFrom('sessions').where('sid', '=', session.sid).execute()
  return { rows: rows + 1, sessions: 1 }
}
