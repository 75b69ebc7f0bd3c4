import { sql } from 'kysely'
import type { TurnStore } from '../../../application/ports/store.ts'
import type { ClientProfile, Turn } from '../../../domain/session.ts'
import type { Engine } from './engine.ts'
import type { Queries, TurnRow } from './schema.ts'
import { countTurn } from './usage.ts'
import { mustExist } from './values.ts'

export function createTurnStore(db: Queries, engine: Engine): TurnStore {
  return {
    async create(turn) {
      await db
        .insertInto('turns')
        .values({
          turn_id: turn.turnId,
          sid: turn.sid,
          state: 'running',
          started_at: turn.startedAt,
          steps: 0,
          client: turn.client && JSON.stringify(turn.client),
        })
        .execute()
      await countTurn(db, engine, turn.sid, turn.startedAt)
    },

    async get(turnId) {
      const row = await db.selectFrom('turns').selectAll().where('turn_id', '=', turnId).executeTakeFirst()
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
      const row = await db
        .updateTable('turns')
        .set({ state, ended_at: endedAt })
        .where('turn_id', '=', turnId)
        .returning('turn_id')
        .executeTakeFirst()
      mustExist(row, `Turn ${turnId}`)
    },

    async addStep(turnId) {
      const row = await db
        .updateTable('turns')
        .set({ steps: sql`steps + 1` })
        .where('turn_id', '=', turnId)
        .returning('turn_id')
        .executeTakeFirst()
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
