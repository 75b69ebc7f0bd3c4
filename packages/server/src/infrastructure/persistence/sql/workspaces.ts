import type { WorkspaceStore } from '../../../application/ports/store.ts'
import { wholeHistory } from '../../../domain/history-cut.ts'
import type { WorkspaceFacts } from '../../../domain/workspace.ts'
import type { Engine } from './engine.ts'
import { prepared } from './prepared.ts'
import type { Queries } from './schema.ts'

const contextOf = prepared((db, given: { sid: string }) =>
  db.selectFrom('session_contexts').selectAll().where('sid', '=', given.sid),
)

export function createWorkspaceStore(db: Queries, engine: Engine): WorkspaceStore {
  return {
    async get(sid) {
      const [row] = await contextOf(db, engine, { sid })
      if (!row) return { frozen: null, told: null, cut: wholeHistory }
      return {
        frozen: factsOf(row.frozen),
        told: factsOf(row.told),
        cut: { referencedBefore: row.referenced_before, droppedBefore: row.dropped_before },
      }
    },

    async tell(sid, { frozen, told }) {
      const facts = { frozen: frozen && JSON.stringify(frozen), told: told && JSON.stringify(told) }
      await db
        .insertInto('session_contexts')
        .values({ sid, ...facts, referenced_before: 0, dropped_before: 0 })
        .onConflict((conflict) => conflict.column('sid').doUpdateSet(facts))
        .execute()
    },

    async cut(sid, { referencedBefore, droppedBefore }) {
      const places = { referenced_before: referencedBefore, dropped_before: droppedBefore }
      await db
        .insertInto('session_contexts')
        .values({ sid, frozen: null, told: null, ...places })
        .onConflict((conflict) => conflict.column('sid').doUpdateSet(places))
        .execute()
    },
  }
}

function factsOf(json: string | null): WorkspaceFacts | null {
  return json === null ? null : (JSON.parse(json) as WorkspaceFacts)
}
