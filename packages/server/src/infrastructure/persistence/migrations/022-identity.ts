import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Keys of persons, and sessions found without their owner. */
export const identity: Migration = {
  async up(db: Kysely<never>) {
    await db.schema
      .createTable('api_keys')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('owner_id', 'text', (column) => column.notNull())
      .addColumn('hash', 'text', (column) => column.notNull().unique())
      .addColumn('hint', 'text', (column) => column.notNull())
      .addColumn('rate_max', 'integer')
      .addColumn('rate_window_ms', 'bigint')
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('expires_at', 'bigint')
      .addColumn('revoked_at', 'bigint')
      .addColumn('last_used_at', 'bigint')
      .execute()
    await db.schema.createIndex('api_keys_owner').on('api_keys').columns(['owner_id', 'created_at']).execute()
    await db.schema
      .createIndex('sessions_named')
      .on('sessions')
      .column('external_id')
      .where(sql.ref('deleted_at'), 'is', null)
      .execute()
  },
}
