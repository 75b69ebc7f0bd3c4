import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What cleanup looks for, and the switches of an operator. */
export const cleanup: Migration = {
  async up(db: Kysely<never>) {
    // Sessions leave it with their first message, so it costs a message nothing.
    await db.schema
      .createIndex('sessions_empty')
      .on('sessions')
      .columns(['owner_id', 'last_activity desc', 'sid'])
      .where(sql<boolean>`message_count = 0 and deleted_at is null`)
      .execute()
    await db.schema
      .createIndex('sessions_deleted')
      .on('sessions')
      .columns(['deleted_at', 'sid'])
      .where(sql.ref('deleted_at'), 'is not', null)
      .execute()
    await db.schema.createIndex('dead_letters_session').on('dead_letters').column('sid').execute()
    await db.schema
      .createTable('operator_switches')
      .addColumn('name', 'text', (column) => column.primaryKey().notNull())
      .addColumn('is_on', 'integer', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .execute()
  },
}
