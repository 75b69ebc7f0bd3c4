import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What one person uses of one model on a day may be counted in several rows, so that turns which end at once do not wait for each other. */
export const usageParts: Migration = {
  async up(db: Kysely<never>) {
    await db.schema.dropIndex('usage_days_all').execute()
    await db.schema.alterTable('usage_days').renameTo('whole_usage_days').execute()
    await db.schema
      .createTable('usage_days')
      .addColumn('owner_id', 'text', (column) => column.notNull())
      .addColumn('day', 'bigint', (column) => column.notNull())
      .addColumn('provider', 'text', (column) => column.notNull())
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('part', 'bigint', (column) => column.notNull())
      .addColumn('turns', 'bigint', (column) => column.notNull())
      .addColumn('calls', 'bigint', (column) => column.notNull())
      .addColumn('priced_calls', 'bigint', (column) => column.notNull())
      .addColumn('cost', 'double precision', (column) => column.notNull())
      .addColumn('input_tokens', 'bigint', (column) => column.notNull())
      .addColumn('cached_tokens', 'bigint', (column) => column.notNull())
      .addColumn('output_tokens', 'bigint', (column) => column.notNull())
      .addColumn('reasoning_tokens', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('usage_parts_key', ['owner_id', 'day', 'provider', 'model', 'part'])
      .execute()
    await db.schema.createIndex('usage_days_all').on('usage_days').column('day').execute()
    await sql`insert into usage_days select owner_id, day, provider, model, 0, turns, calls, priced_calls, cost, input_tokens, cached_tokens,
      output_tokens, reasoning_tokens from whole_usage_days`.execute(db)
    await db.schema.dropTable('whole_usage_days').execute()
  },
}
