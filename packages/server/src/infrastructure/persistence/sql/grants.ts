import type { Selectable } from 'kysely'
import type { GrantStore } from '../../../application/ports/store.ts'
import type { Grant } from '../../../domain/grant.ts'
import type { Engine } from './engine.ts'
import type { GrantTable, Queries } from './schema.ts'

export function createGrantStore(db: Queries, { lock, lockName }: Engine): GrantStore {
  const rows = () => db.selectFrom('grants').selectAll().orderBy('position')

  return {
    async add(grant) {
      await db
        .insertInto('grants')
        .values({
          id: grant.id,
          owner_id: grant.ownerId,
          sid: grant.sid,
          project_id: grant.project?.id ?? null,
          project_name: grant.project?.name ?? null,
          made_in: grant.madeIn,
          tool: grant.tool,
          pattern: grant.pattern,
          effect: grant.effect,
          created_at: grant.createdAt,
          created_by: grant.createdBy,
        })
        .execute()
    },

    async find(ownerId, id) {
      const found = db.selectFrom('grants').selectAll().where('id', '=', id).where('owner_id', '=', ownerId)
      const row = await lock(found).executeTakeFirst()
      return row && toGrant(row)
    },

    async remove(id) {
      await db.deleteFrom('grants').where('id', '=', id).execute()
    },

    async ofSession(sid) {
      return (await rows().where('sid', '=', sid).execute()).map(toGrant)
    },

    async ofProject(ownerId, projectId) {
      const query = rows().where('owner_id', '=', ownerId).where('project_id', '=', projectId)
      return (await query.execute()).map(toGrant)
    },

    async holdProject(ownerId, projectId) {
      await lockName(db, JSON.stringify(['grants', ownerId, projectId]))
    },

    async list(ownerId, limit) {
      return (await rows().where('owner_id', '=', ownerId).limit(limit).execute()).map(toGrant)
    },
  }
}

function toGrant(row: Selectable<GrantTable>): Grant {
  const { project_id: id, project_name: name } = row
  return {
    id: row.id,
    ownerId: row.owner_id,
    sid: row.sid,
    project: id === null ? null : { id, name: name ?? id },
    madeIn: row.made_in,
    tool: row.tool,
    pattern: row.pattern,
    effect: row.effect,
    createdAt: row.created_at,
    createdBy: row.created_by,
  }
}
