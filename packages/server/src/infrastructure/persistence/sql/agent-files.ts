import type { AgentFileStore } from '../../../application/ports/store.ts'
import type { Queries } from './schema.ts'

export function createAgentFileStore(db: Queries): AgentFileStore {
  return {
    async get(sid) {
      const row = await db.selectFrom('agent_files').select('files').where('sid', '=', sid).executeTakeFirst()
      return row?.files
    },

    async put(sid, files) {
      await db
        .insertInto('agent_files')
        .values({ sid, files })
        .onConflict((conflict) => conflict.column('sid').doUpdateSet({ files }))
        .execute()
    },
  }
}
