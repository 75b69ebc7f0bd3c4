import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What replicas count together for the rate limits; `key` is a hash. */
export const rateWindows: Migration = {
  async up(db: Kysely<never>) {
    await db.schema
      .createTable('rate_windows')
      .addColumn('key', 'text', (column) => column.primaryKey().notNull())
      .addColumn('count', 'bigint', (column) => column.notNull())
      .addColumn('ends_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('rate_windows_end').on('rate_windows').column('ends_at').execute()
  },
}
