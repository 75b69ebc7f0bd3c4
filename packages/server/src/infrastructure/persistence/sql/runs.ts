import type { Selectable } from 'kysely'
import type { RunStore } from '../../../application/ports/store.ts'
import type { Run } from '../../../domain/session.ts'
import type { Engine } from './engine.ts'
import { prepared } from './prepared.ts'
import type { Queries, Schema } from './schema.ts'

const insertRun = prepared((db, given: Pick<Run, 'runId' | 'sid' | 'turnId' | 'agent' | 'inputKind' | 'startedAt'>) =>
  db.insertInto('runs').values({
    run_id: given.runId,
    sid: given.sid,
    turn_id: given.turnId,
    agent: given.agent,
    input_kind: given.inputKind,
    started_at: given.startedAt,
  }),
)
interface RunEnd extends Pick<Run, 'runId' | 'outcome' | 'errorCode' | 'errorText'> {
  readonly at: number
}
const endRun = prepared((db, given: RunEnd) =>
  db
    .updateTable('runs')
    .set({
      ended_at: given.at,
      outcome: given.outcome,
      error_code: given.errorCode,
      error_text: given.errorText,
    })
    .where('run_id', '=', given.runId)
    .where('ended_at', 'is', null),
)
const runById = prepared((db, given: { runId: string }) =>
  db.selectFrom('runs').selectAll().where('run_id', '=', given.runId),
)

export function createRunStore(db: Queries, engine: Engine): RunStore {
  return {
    async create(run) {
      await insertRun(db, engine, run)
    },

    // A run ends once: whoever comes second changes nothing.
    async end(runId, end) {
      const { at, outcome, errorCode = null, errorText = null } = end
      await endRun(db, engine, { runId, at, outcome, errorCode, errorText })
    },

    async get(runId) {
      const [row] = await runById(db, engine, { runId })
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
