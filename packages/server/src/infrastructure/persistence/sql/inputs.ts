import type { Selectable } from 'kysely'
import type { Input, InputStore } from '../../../application/ports/store.ts'
import type { Queries, Schema } from './schema.ts'
import { literal } from './values.ts'

export function createInputStore(db: Queries): InputStore {
  const waiting = () => db.selectFrom('inputs').where('state', '=', literal.waiting)

  return {
    async add(input) {
      await db
        .insertInto('inputs')
        .values({
          id: input.id,
          sid: input.sid,
          kind: input.kind,
          state: input.state,
          body_json: input.bodyJson,
          created_at: input.createdAt,
          repeat_key: input.repeat?.key ?? null,
          body_hash: input.repeat?.bodyHash ?? null,
          run_id: input.run?.runId ?? null,
          after_seq: input.run?.afterSeq ?? null,
          replica: input.replica,
        })
        .execute()
    },

    async get(id) {
      const row = await db.selectFrom('inputs').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toInput(row)
    },

    async countWaiting(sid, kinds) {
      let query = waiting()
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('sid', '=', sid)
      if (kinds) query = query.where('kind', 'in', [...kinds])
      const { count } = await query.executeTakeFirstOrThrow()
      return Number(count)
    },

    async firstWaiting(sid, kinds) {
      let query = waiting().selectAll().where('sid', '=', sid)
      if (kinds) query = query.where('kind', 'in', [...kinds])
      const row = await query.orderBy('position').limit(1).executeTakeFirst()
      return row && toInput(row)
    },

    async findRepeat(sid, key, since) {
      const row = await db
        .selectFrom('inputs')
        .selectAll()
        .where('sid', '=', sid)
        .where('repeat_key', '=', key)
        .executeTakeFirst()
      if (row === undefined) return undefined
      if (row.created_at >= since) return toInput(row)
      await db.updateTable('inputs').set({ repeat_key: null }).where('id', '=', row.id).execute()
      return undefined
    },

    async setRun(id, run) {
      await db.updateTable('inputs').set({ run_id: run.runId, after_seq: run.afterSeq }).where('id', '=', id).execute()
    },

    async settle(id, state) {
      const { numUpdatedRows } = await db
        .updateTable('inputs')
        .set(state === 'dropped' ? { state, repeat_key: null } : { state })
        .where('id', '=', id)
        .where('state', '=', 'waiting')
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },
  }
}

export function toInput(row: Selectable<Schema['inputs']>): Input {
  return {
    id: row.id,
    sid: row.sid,
    kind: row.kind,
    state: row.state,
    bodyJson: row.body_json,
    createdAt: row.created_at,
    repeat: row.repeat_key === null || row.body_hash === null ? null : { key: row.repeat_key, bodyHash: row.body_hash },
    run: row.run_id === null || row.after_seq === null ? null : { runId: row.run_id, afterSeq: row.after_seq },
    replica: row.replica,
  }
}
