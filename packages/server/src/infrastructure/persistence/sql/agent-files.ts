import type { AgentFileStore } from '../../../application/ports/store.ts'
import type { Engine } from './engine.ts'
import { prepared } from './prepared.ts'
import type { Queries } from './schema.ts'

const filesOf = prepared((db, given: { sid: string }) =>
  db.selectFrom('agent_files').select('files').where('sid', '=', given.sid),
)

export function createAgentFileStore(db: Queries, engine: Engine): AgentFileStore {
  return {
    async get(sid) {
      const [row] = await filesOf(db, engine, { sid })
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
