import type { HandlerStore, LoggedEvent } from '../../../application/ports/handlers.ts'
import type { EventType } from '../../../domain/event.ts'
import { toEvent } from './attachments.ts'
import type { Engine } from './engine.ts'
import type { Queries } from './schema.ts'

export function createHandlerStore(db: Queries, { lock, logEnd }: Engine): HandlerStore {
  const cursorOf = (handler: string) => db.selectFrom('cursors').select('position').where('handler', '=', handler)

  return {
    async cursor(handler) {
      return (await cursorOf(handler).executeTakeFirst())?.position ?? 0
    },

    async take(handler) {
      const row = await lock(cursorOf(handler)).executeTakeFirst()
      if (row) return row.position
      // There is nothing to lock yet, and another replica may be about to begin too.
      await db
        .insertInto('cursors')
        .values({ handler, position: 0, handled: 0, failed: 0 })
        .onConflict((conflict) => conflict.column('handler').doNothing())
        .execute()
      return (await lock(cursorOf(handler)).executeTakeFirstOrThrow()).position
    },

    async advance(handler, { to, handled, failed }) {
      await db
        .insertInto('cursors')
        .values({ handler, position: to, handled, failed })
        .onConflict((conflict) =>
          conflict.column('handler').doUpdateSet((eb) => ({
            position: to,
            handled: eb('cursors.handled', '+', handled),
            failed: eb('cursors.failed', '+', failed),
          })),
        )
        .execute()
    },

    progress: () => db.selectFrom('cursors').selectAll().orderBy('handler').execute(),

    async lastPosition() {
      const row = await db
        .selectFrom('events')
        .select('position')
        .orderBy('position', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row?.position ?? 0
    },

    async readAfter(position, limit) {
      return await readLog(db, { after: position, upTo: await logEnd(db, position), limit })
    },

    async bury({ at, attempts, code, text, ...letter }) {
      const last = { at, attempts, code, text }
      await db
        .insertInto('dead_letters')
        .values({ ...letter, ...last })
        .onConflict((conflict) => conflict.columns(['handler', 'position']).doUpdateSet(last))
        .execute()
    },

    async deadLetters({ limit, id }) {
      let query = db.selectFrom('dead_letters').selectAll().orderBy('id').limit(limit)
      if (id !== undefined) query = query.where('id', '=', id)
      return await query.execute()
    },

    async countDeadLetters() {
      const row = await db
        .selectFrom('dead_letters')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return Number(row.count)
    },

    async removeDeadLetter(id) {
      const { numDeletedRows } = await db.deleteFrom('dead_letters').where('id', '=', id).executeTakeFirst()
      return numDeletedRows === 1n
    },

    async addToRollups(increments) {
      for (const { ownerId, name, labelA, labelB, count, sum } of increments) {
        await db
          .insertInto('metric_rollups')
          .values({ owner_id: ownerId, name, label_a: labelA, label_b: labelB, count, sum })
          .onConflict((conflict) =>
            conflict.columns(['owner_id', 'name', 'label_a', 'label_b']).doUpdateSet((eb) => ({
              count: eb('metric_rollups.count', '+', count),
              sum: eb('metric_rollups.sum', '+', sum),
            })),
          )
          .execute()
      }
    },
  }
}

export interface LogRange {
  readonly after: number
  readonly upTo?: number
  readonly limit?: number
  readonly ownerId?: string
  readonly types?: readonly EventType[]
}

/** In the order of the whole log. The cross join keeps the engine from starting at the sessions. */
export async function readLog(db: Queries, range: LogRange): Promise<LoggedEvent[]> {
  const { after, upTo, limit, ownerId, types } = range
  let query = db
    .selectFrom('events')
    .crossJoin('sessions')
    .leftJoin('runs', 'runs.run_id', 'events.run_id')
    .selectAll('events')
    .select(['sessions.owner_id', 'runs.agent as run_agent', 'runs.started_at as run_started_at'])
    .whereRef('sessions.sid', '=', 'events.sid')
    .where('events.position', '>', after)
    .orderBy('events.position')
  if (upTo !== undefined) query = query.where('events.position', '<=', upTo)
  if (limit !== undefined) query = query.limit(limit)
  if (ownerId !== undefined) query = query.where('sessions.owner_id', '=', ownerId)
  if (types !== undefined) query = query.where('events.type', 'in', types)
  const rows = await query.execute()
  return rows.map((row) => ({
    position: row.position,
    ownerId: row.owner_id,
    event: toEvent(row),
    run:
      row.run_agent === null || row.run_started_at === null
        ? null
        : { agent: row.run_agent, startedAt: row.run_started_at },
  }))
}
