import { sql } from 'kysely'
import type { ReplicaStore } from '../../../application/ports/store.ts'
import type { Engine } from './engine.ts'
import { toInput } from './inputs.ts'
import { toRun } from './runs.ts'
import type { Queries } from './schema.ts'
import { literal } from './values.ts'

export function createReplicaStore(db: Queries, { now }: Engine): ReplicaStore {
  const nobodyAlive = (id: 'sessions.owner' | 'inputs.replica', silentMs: number) => sql<boolean>`not exists (
    select 1 from replicas where replicas.id = ${sql.ref(id)} and replicas.beat_at >= ${now} - ${sql.lit(silentMs)})`

  return {
    async enter(id, listener) {
      await db.insertInto('replicas').values({ id, listener, beat_at: now }).execute()
    },

    async beat(id, silentMs) {
      const { numUpdatedRows } = await db
        .updateTable('replicas')
        .set({ beat_at: now })
        .where('id', '=', id)
        .where('beat_at', '>=', sql<number>`${now} - ${sql.lit(silentMs)}`)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    async leave(id) {
      await db.deleteFrom('replicas').where('id', '=', id).execute()
    },

    async hasOthers(id, silentMs) {
      const row = await db
        .selectFrom('replicas')
        .select('id')
        .where('id', '!=', id)
        .where('beat_at', '>=', sql<number>`${now} - ${sql.lit(silentMs)}`)
        .limit(1)
        .executeTakeFirst()
      return row !== undefined
    },

    async isAlive(id, silentMs) {
      const row = await db
        .selectFrom('replicas')
        .select('id')
        .where('id', '=', id)
        .where('beat_at', '>=', sql<number>`${now} - ${sql.lit(silentMs)}`)
        .executeTakeFirst()
      return row !== undefined
    },

    async clear() {
      await db.deleteFrom('replicas').execute()
      await db.deleteFrom('followers').execute()
    },

    async forgetSilent(silentMs) {
      await db
        .deleteFrom('replicas')
        .where('beat_at', '<', sql<number>`${now} - ${sql.lit(silentMs)}`)
        .execute()
      await db
        .deleteFrom('followers')
        .where('listener', 'not in', db.selectFrom('replicas').select('listener'))
        .execute()
    },

    async orphanedRuns(silentMs, limit) {
      const rows = await db
        .selectFrom('runs')
        .innerJoin('sessions', 'sessions.sid', 'runs.sid')
        .selectAll('runs')
        .select(['sessions.owner', 'sessions.fence'])
        .where('runs.ended_at', 'is', null)
        .where(nobodyAlive('sessions.owner', silentMs))
        .limit(limit)
        .execute()
      return rows.map((row) => ({ run: toRun(row), owner: row.owner, fence: row.fence }))
    },

    async orphanedInputs(silentMs, limit) {
      // In the order of the index of those that wait: by `position` alone SQLite would walk through all that ever came.
      const rows = await db
        .selectFrom('inputs')
        .selectAll('inputs')
        .where('inputs.state', '=', literal.waiting)
        .where(nobodyAlive('inputs.replica', silentMs))
        .orderBy('inputs.sid')
        .orderBy('inputs.position')
        .limit(limit)
        .execute()
      return rows.map(toInput)
    },
  }
}
