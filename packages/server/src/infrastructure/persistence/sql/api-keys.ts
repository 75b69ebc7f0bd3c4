import type { Selectable } from 'kysely'
import type { ApiKeyStore } from '../../../application/ports/store.ts'
import type { ApiKey } from '../../../domain/api-key.ts'
import type { ApiKeyTable, Queries } from './schema.ts'

export function createApiKeyStore(db: Queries): ApiKeyStore {
  return {
    async add(key) {
      await db
        .insertInto('api_keys')
        .values({
          id: key.id,
          owner_id: key.ownerId,
          hash: key.hash,
          hint: key.hint,
          rate_max: key.rate?.max ?? null,
          rate_window_ms: key.rate?.windowMs ?? null,
          created_at: key.createdAt,
          expires_at: key.expiresAt,
          revoked_at: key.revokedAt,
          last_used_at: key.lastUsedAt,
        })
        .execute()
    },

    async findByHash(hash) {
      const row = await db.selectFrom('api_keys').selectAll().where('hash', '=', hash).executeTakeFirst()
      return row && toApiKey(row)
    },

    async list(ownerId, limit) {
      let query = db.selectFrom('api_keys').selectAll().orderBy('owner_id').orderBy('created_at').limit(limit)
      if (ownerId !== undefined) query = query.where('owner_id', '=', ownerId)
      return (await query.execute()).map(toApiKey)
    },

    async revoke(which, at) {
      const open = db.updateTable('api_keys').set({ revoked_at: at }).where('revoked_at', 'is', null)
      const query = 'id' in which ? open.where('id', '=', which.id) : open.where('owner_id', '=', which.ownerId)
      return (await query.returning('hash').execute()).map(({ hash }) => hash)
    },

    async touch(id, at) {
      await db.updateTable('api_keys').set({ last_used_at: at }).where('id', '=', id).execute()
    },
  }
}

function toApiKey(row: Selectable<ApiKeyTable>): ApiKey {
  const { rate_max: max, rate_window_ms: windowMs } = row
  return {
    id: row.id,
    ownerId: row.owner_id,
    hash: row.hash,
    hint: row.hint,
    rate: max === null || windowMs === null ? null : { max, windowMs },
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
  }
}
