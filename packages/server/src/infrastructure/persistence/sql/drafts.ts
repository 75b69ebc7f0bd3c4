import type { Selectable } from 'kysely'
import type { Draft, DraftStore } from '../../../application/ports/store.ts'
import type { Queries, Schema } from './schema.ts'

export function createDraftStore(db: Queries): DraftStore {
  return {
    async put({ messageId, runId, agent, text }) {
      await db
        .insertInto('drafts')
        .columns(['message_id', 'sid', 'run_id', 'agent', 'text'])
        // A run that was taken over meanwhile leaves no draft behind.
        .expression((eb) =>
          eb
            .selectFrom('runs')
            .select([
              eb.val(messageId).as('message_id'),
              'sid',
              'run_id',
              eb.val(agent).as('agent'),
              eb.val(text).as('text'),
            ])
            .where('run_id', '=', runId)
            .where('ended_at', 'is', null),
        )
        .onConflict((conflict) => conflict.column('message_id').doUpdateSet({ text }))
        .execute()
    },

    async ofSession(sid) {
      const row = await db
        .selectFrom('drafts')
        .selectAll()
        .where('sid', '=', sid)
        .orderBy('message_id', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row && toDraft(row)
    },

    async remove(messageId) {
      await db.deleteFrom('drafts').where('message_id', '=', messageId).execute()
    },

    async takeOfRun(runId) {
      const rows = await db.deleteFrom('drafts').where('run_id', '=', runId).returningAll().execute()
      return rows.map(toDraft)
    },
  }
}

function toDraft(row: Selectable<Schema['drafts']>): Draft {
  return { messageId: row.message_id, sid: row.sid, runId: row.run_id, agent: row.agent, text: row.text }
}
