import type { DraftStore } from '../../../application/ports/store.ts'
import type { Queries } from './schema.ts'

export function createDraftStore(db: Queries): DraftStore {
  return {
    async put({ messageId, sid, runId, agent, text }) {
      await db
        .insertInto('drafts')
        .values({ message_id: messageId, sid, run_id: runId, agent, text })
        .onConflict((conflict) => conflict.column('message_id').doUpdateSet({ text }))
        .execute()
    },

    async remove(messageId) {
      await db.deleteFrom('drafts').where('message_id', '=', messageId).execute()
    },

    async takeOfRun(runId) {
      const rows = await db.deleteFrom('drafts').where('run_id', '=', runId).returningAll().execute()
      return rows.map((row) => ({
        messageId: row.message_id,
        sid: row.sid,
        runId: row.run_id,
        agent: row.agent,
        text: row.text,
      }))
    },
  }
}
