import type { Engine } from './engine.ts'
import { prepared } from './prepared.ts'
import type { Queries } from './schema.ts'
import { literal, partOf } from './values.ts'

const addLive = prepared((db, given: { ownerId: string; part: number; live: number }) =>
  db
    .insertInto('session_totals')
    .values({ owner_id: given.ownerId, part: given.part, live: given.live })
    .onConflict((conflict) =>
      conflict
        .columns(['owner_id', 'part'])
        .doUpdateSet((eb) => ({ live: eb('session_totals.live', '+', eb.ref('excluded.live')) })),
    ),
)
const liveOf = prepared((db, given: { ownerId: string }) =>
  db
    .selectFrom('session_totals')
    .select((eb) => eb.fn.sum<number | null>('live').as('total'))
    .where('owner_id', '=', given.ownerId),
)
const inactiveOf = prepared((db, given: { ownerId: string }) =>
  db
    .selectFrom('sessions')
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .where('owner_id', '=', given.ownerId)
    .where('is_active', '=', literal.zero)
    .where('deleted_at', 'is', null),
)

interface Counted {
  readonly sid: string
  readonly owner_id: string
}

/** Notes sessions that have come (1) or gone (-1) in this unit. */
export async function noteSessions(
  db: Queries,
  engine: Engine,
  sessions: readonly Counted[],
  each: 1 | -1,
): Promise<void> {
  for (const [ownerId, [first, ...more] = []] of Map.groupBy(sessions, ({ owner_id }) => owner_id)) {
    if (!first) continue
    await addLive(db, engine, { ownerId, part: partOf(first.sid, engine.parts), live: each * (1 + more.length) })
  }
}

/** How many sessions that are not deleted the owner has. */
export async function countSessions(
  db: Queries,
  engine: Engine,
  ownerId: string,
  activeOnly: boolean,
): Promise<number> {
  const [live] = await liveOf(db, engine, { ownerId })
  const [inactive] = activeOnly ? await inactiveOf(db, engine, { ownerId }) : []
  return Number(live?.total ?? 0) - Number(inactive?.total ?? 0)
}

/** Of all owners. */
export async function countAllSessions(db: Queries): Promise<number> {
  const { total } = await db
    .selectFrom('session_totals')
    .select((eb) => eb.fn.sum<number | null>('live').as('total'))
    .executeTakeFirstOrThrow()
  return Number(total ?? 0)
}
