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
        })
        .execute()
    },

    async countWaiting(sid) {
      const { count } = await waiting()
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('sid', '=', sid)
        .executeTakeFirstOrThrow()
      return Number(count)
    },

    async firstWaiting(sid) {
      const row = await waiting().selectAll().where('sid', '=', sid).orderBy('position').limit(1).executeTakeFirst()
      return row && toInput(row)
    },

    async settle(id, state) {
      const { numUpdatedRows } = await db
        .updateTable('inputs')
        .set({ state })
        .where('id', '=', id)
        .where('state', '=', 'waiting')
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },

    async listWaiting(limit) {
      // In the order of the index of those that wait: by `position` alone SQLite would walk through all that ever came.
      const rows = await waiting().selectAll().orderBy('sid').orderBy('position').limit(limit).execute()
      return rows.map(toInput)
    },
  }
}

function toInput(row: Selectable<Schema['inputs']>): Input {
  return {
    id: row.id,
    sid: row.sid,
    kind: row.kind,
    state: row.state,
    bodyJson: row.body_json,
    createdAt: row.created_at,
  }
}
