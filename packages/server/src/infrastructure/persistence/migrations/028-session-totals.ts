import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** How many sessions an owner has: counting a million of them takes a tenth of a second. Inactive ones are few, and counted. */
export const sessionTotals: Migration = {
  async up(db: Kysely<never>) {
    await db.schema
      .createTable('session_totals')
      .addColumn('owner_id', 'text', (column) => column.notNull())
      .addColumn('part', 'bigint', (column) => column.notNull())
      .addColumn('live', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('session_totals_key', ['owner_id', 'part'])
      .execute()
    await sql`insert into session_totals select owner_id, 0, count(*) from sessions where deleted_at is null group by owner_id`.execute(
      db,
    )
    await db.schema
      .createIndex('sessions_inactive')
      .on('sessions')
      .columns(['owner_id', 'is_active', 'deleted_at'])
      .where(sql<boolean>`is_active = 0 and deleted_at is null`)
      .execute()
  },
}
