import type { Selectable } from 'kysely'
import type { Input, InputStore } from '../../../application/ports/store.ts'
import type { InputKind } from '../../../domain/session.ts'
import type { Engine } from './engine.ts'
import { prepared } from './prepared.ts'
import type { Queries, Schema } from './schema.ts'
import { literal } from './values.ts'

const waiting = (db: Queries, sid: string, kinds: Kinds) => {
  const query = db.selectFrom('inputs').where('state', '=', literal.waiting).where('sid', '=', sid)
  return kinds ? query.where('kind', 'in', [...kinds]) : query
}
const counts = byKinds((kinds) =>
  prepared((db, given: { sid: string }) =>
    waiting(db, given.sid, kinds).select((eb) => eb.fn.countAll<number>().as('count')),
  ),
)
const firsts = byKinds((kinds) =>
  prepared((db, given: { sid: string }) => waiting(db, given.sid, kinds).selectAll().orderBy('position').limit(1)),
)

type Kinds = readonly InputKind[] | undefined

/** One for each list of kinds that the code names. */
function byKinds<T>(make: (kinds: Kinds) => T): (kinds: Kinds) => T {
  const made = new Map<string, T>()
  return (kinds) => {
    const key = kinds?.join() ?? ''
    const known = made.get(key) ?? make(kinds)
    made.set(key, known)
    return known
  }
}

export function createInputStore(db: Queries, engine: Engine): InputStore {
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
      const [row] = await counts(kinds)(db, engine, { sid })
      return Number(row?.count)
    },

    async firstWaiting(sid, kinds) {
      const [row] = await firsts(kinds)(db, engine, { sid })
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
