import type { Selectable } from 'kysely'
import type { Draft, DraftStore } from '../../../application/ports/store.ts'
import type { Queries, Schema } from './schema.ts'

export function createDraftStore(db: Queries): DraftStore {
  return {
    async put({ messageId, at, runId, agent, text }) {
      await db
        .insertInto('drafts')
        .columns(['message_id', 'at', 'sid', 'run_id', 'agent', 'text'])
        // A run that was taken over meanwhile leaves no draft behind.
        .expression((eb) =>
          eb
            .selectFrom('runs')
            .select([
              eb.val(messageId).as('message_id'),
              eb.cast<number>(eb.val(at), 'bigint').as('at'),
              'sid',
              'run_id',
              eb.val(agent).as('agent'),
              eb.val(text).as('text'),
            ])
            .where('run_id', '=', runId)
            .where('ended_at', 'is', null),
        )
        .onConflict((conflict) => conflict.columns(['message_id', 'at']).doUpdateSet({ text }))
        .execute()
    },

    async ofSession(sid, has) {
      const newest = await db
        .selectFrom('drafts')
        .select(['message_id', 'run_id', 'agent'])
        .where('sid', '=', sid)
        .orderBy('message_id', 'desc')
        .limit(1)
        .executeTakeFirst()
      if (!newest) return undefined
      const pieces = db.selectFrom('drafts').selectAll().where('message_id', '=', newest.message_id).orderBy('at')
      if (has?.messageId === newest.message_id) {
        const rows = await pieces.where('at', '>=', has.length).execute()
        const at = has.length
        if (rows[0] === undefined)
          return { messageId: has.messageId, sid, runId: newest.run_id, agent: newest.agent, at, text: '' }
        const [draft] = toDrafts(rows)
        if (draft && rows[0].at === at) return { ...draft, at }
      }
      const [draft] = toDrafts(await pieces.execute())
      return draft && { ...draft, at: 0 }
    },

    async remove(messageId) {
      await db.deleteFrom('drafts').where('message_id', '=', messageId).execute()
    },

    async takeOfRun(runId) {
      const rows = await db.deleteFrom('drafts').where('run_id', '=', runId).returningAll().execute()
      return toDrafts(rows.sort((a, b) => a.message_id.localeCompare(b.message_id) || a.at - b.at))
    },
  }
}

/** Of pieces in their order. */
function toDrafts(rows: readonly Selectable<Schema['drafts']>[]): Draft[] {
  const drafts: Draft[] = []
  for (const { message_id: messageId, sid, run_id: runId, agent, text } of rows) {
    const last = drafts.at(-1)
    if (last?.messageId === messageId) drafts[drafts.length - 1] = { ...last, text: last.text + text }
    else drafts.push({ messageId, sid, runId, agent, text })
  }
  return drafts
}
