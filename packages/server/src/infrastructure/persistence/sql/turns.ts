import { sql } from 'kysely'
import type { TurnStore } from '../../../application/ports/store.ts'
import type { ClientProfile, Turn } from '../../../domain/session.ts'
import type { Engine } from './engine.ts'
import { prepared } from './prepared.ts'
import type { Queries, TurnRow } from './schema.ts'
import { countTurn } from './usage.ts'
import { mustExist } from './values.ts'

const insertTurn = prepared((db, given: { turnId: string; sid: string; startedAt: number; client: string | null }) =>
  db.insertInto('turns').values({
    turn_id: given.turnId,
    sid: given.sid,
    state: 'running',
    started_at: given.startedAt,
    steps: 0,
    client: given.client,
  }),
)
const turnById = prepared((db, given: { turnId: string }) =>
  db.selectFrom('turns').selectAll().where('turn_id', '=', given.turnId),
)
const setTurnState = prepared((db, given: Pick<Turn, 'turnId' | 'state' | 'endedAt'>) =>
  db
    .updateTable('turns')
    .set({ state: given.state, ended_at: given.endedAt })
    .where('turn_id', '=', given.turnId)
    .returning('turn_id'),
)
const addTurnStep = prepared((db, given: { turnId: string }) =>
  db.updateTable('turns').set({ steps: sql`steps + 1` }).where('turn_id', '=', given.turnId).returning('turn_id'),
)

export function createTurnStore(db: Queries, engine: Engine): TurnStore {
  return {
    async create(turn) {
      const { turnId, sid, startedAt, client } = turn
      await insertTurn(db, engine, { turnId, sid, startedAt, client: client && JSON.stringify(client) })
      await countTurn(db, engine, turn.sid, turn.startedAt)
    },

    async get(turnId) {
      const [row] = await turnById(db, engine, { turnId })
      return row && toTurn(row)
    },

    async latest(sid) {
      const row = await db
        .selectFrom('turns')
        .selectAll()
        .where('sid', '=', sid)
        .orderBy('position', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row && toTurn(row)
    },

    async setState(turnId, state, endedAt) {
      const [row] = await setTurnState(db, engine, { turnId, state, endedAt })
      mustExist(row, `Turn ${turnId}`)
    },

    async addStep(turnId) {
      const [row] = await addTurnStep(db, engine, { turnId })
      mustExist(row, `Turn ${turnId}`)
    },
  }
}

function toTurn(row: TurnRow): Turn {
  return {
    turnId: row.turn_id,
    sid: row.sid,
    state: row.state,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    steps: row.steps,
    tokens: row.tokens,
    client: row.client === null ? null : (JSON.parse(row.client) as ClientProfile),
  }
}
