import type { ArtifactStore } from '../../../application/ports/store.ts'
import type { Queries } from './schema.ts'

export function createArtifactStore(db: Queries): ArtifactStore {
  return {
    async put(sid, callId, text) {
      await db
        .insertInto('tool_artifacts')
        .values({ sid, call_id: callId, text })
        .onConflict((conflict) => conflict.columns(['sid', 'call_id']).doUpdateSet({ text }))
        .execute()
    },

    async find(sid, callId) {
      const row = await db
        .selectFrom('tool_artifacts')
        .select('text')
        .where('sid', '=', sid)
        .where('call_id', '=', callId)
        .executeTakeFirst()
      return row?.text
    },
  }
}
