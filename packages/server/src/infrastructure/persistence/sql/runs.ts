import type { Selectable } from 'kysely'
import type { RunStore } from '../../../application/ports/store.ts'
import type { Run } from '../../../domain/session.ts'
import type { Queries, Schema } from './schema.ts'

export function createRunStore(db: Queries): RunStore {
  return {
    async create(run) {
      await db
        .insertInto('runs')
        .values({
          run_id: run.runId,
          sid: run.sid,
          turn_id: run.turnId,
          agent: run.agent,
          input_kind: run.inputKind,
          started_at: run.startedAt,
        })
        .execute()
    },

    // A run ends once: whoever comes second changes nothing.
    async end(runId, end) {
      await db
        .updateTable('runs')
        .set({
          ended_at: end.at,
          outcome: end.outcome,
          error_code: end.errorCode ?? null,
          error_text: end.errorText ?? null,
        })
        .where('run_id', '=', runId)
        .where('ended_at', 'is', null)
        .execute()
    },

    async get(runId) {
      const row = await db.selectFrom('runs').selectAll().where('run_id', '=', runId).executeTakeFirst()
      return row && toRun(row)
    },

    async handOver(runId) {
      await db
        .updateTable('runs')
        .set((eb) => ({ handed_over: eb('handed_over', '+', 1) }))
        .where('run_id', '=', runId)
        .execute()
    },
  }
}

export function toRun(row: Selectable<Schema['runs']>): Run {
  return {
    runId: row.run_id,
    sid: row.sid,
    turnId: row.turn_id,
    agent: row.agent,
    inputKind: row.input_kind,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    outcome: row.outcome,
    errorCode: row.error_code,
    errorText: row.error_text,
    handedOver: row.handed_over,
  }
}
