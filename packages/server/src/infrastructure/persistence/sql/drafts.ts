import type { Selectable } from 'kysely'
import type { Draft, DraftPiece, DraftStore } from '../../../application/ports/store.ts'
import type { Engine } from './engine.ts'
import { prepared, preparedFor } from './prepared.ts'
import type { Queries, Schema } from './schema.ts'
import { padded } from './values.ts'

const unendedRuns = preparedFor((db, runIds) =>
  db.selectFrom('runs').select('run_id').where('run_id', 'in', runIds).where('ended_at', 'is', null),
)
const putPiece = prepared((db, given: DraftPiece) =>
  db
    .insertInto('drafts')
    .values({
      message_id: given.messageId,
      sid: given.sid,
      run_id: given.runId,
      agent: given.agent,
      at: given.at,
      text: given.text,
    })
    .onConflict((conflict) =>
      conflict.columns(['message_id', 'at']).doUpdateSet((eb) => ({ text: eb.ref('excluded.text') })),
    ),
)
const removeDraft = prepared((db, given: { messageId: string }) =>
  db.deleteFrom('drafts').where('message_id', '=', given.messageId),
)

export function createDraftStore(db: Queries, engine: Engine): DraftStore {
  const pieces = () => db.selectFrom('drafts').selectAll().orderBy('message_id').orderBy('at')

  return {
    async put(pieces) {
      if (pieces.length === 0) return
      const runs = await unendedRuns(
        db,
        engine,
        pieces.map(({ runId }) => runId),
      )
      // A run that was taken over meanwhile leaves no draft behind.
      const open = new Set(runs.map(({ run_id }) => run_id))
      for (const piece of pieces) if (open.has(piece.runId)) await putPiece(db, engine, piece)
    },

    async newest(wanted) {
      if (wanted.length === 0) return []
      const found = await db
        .selectFrom('drafts')
        .select((eb) => ['sid', eb.fn.max('message_id').as('id')])
        .where('sid', 'in', padded(wanted.map(({ sid }) => sid)))
        .groupBy('sid')
        .execute()
      if (found.length === 0) return []
      const positions = new Map(wanted.map((position) => [position.sid, position]))
      const from = new Map(
        found.map(({ sid, id }) => {
          const has = positions.get(sid)
          return [id, has?.messageId === id ? has.length : 0]
        }),
      )
      const rows = await pieces()
        .where((eb) =>
          eb.or(padded([...from]).map(([id, at]) => eb.and([eb('message_id', '=', id), eb('at', '>=', at)]))),
        )
        .execute()
      const drafts = toDrafts(rows)
      // The reader has more than a piece, or less: it gets all of it.
      const torn = drafts.filter(({ messageId, at }) => at !== from.get(messageId)).map(({ messageId }) => messageId)
      const whole = torn.length === 0 ? [] : await pieces().where('message_id', 'in', padded(torn)).execute()
      const news = new Map([...drafts, ...toDrafts(whole)].map((piece) => [piece.messageId, piece]))
      return found.map(({ sid, id }) => ({ sid, messageId: id, news: news.get(id) }))
    },

    async remove(messageId) {
      await removeDraft(db, engine, { messageId })
    },

    async takeOfRun(runId): Promise<Draft[]> {
      const rows = await db.deleteFrom('drafts').where('run_id', '=', runId).returningAll().execute()
      return toDrafts(rows.sort((a, b) => a.message_id.localeCompare(b.message_id) || a.at - b.at))
    },
  }
}

/** Of pieces in their order. */
function toDrafts(rows: readonly Selectable<Schema['drafts']>[]): DraftPiece[] {
  const drafts: DraftPiece[] = []
  for (const { message_id: messageId, sid, run_id: runId, agent, text, at } of rows) {
    const last = drafts.at(-1)
    if (last?.messageId === messageId) drafts[drafts.length - 1] = { ...last, text: last.text + text }
    else drafts.push({ messageId, sid, runId, agent, text, at })
  }
  return drafts
}
