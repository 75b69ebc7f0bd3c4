import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Which process works on a session, and what others tell it. `fence` grows with every run: whoever holds an older one may not write. */
export const replicas: Migration = {
  async up(db: Kysely<never>) {
    await db.schema
      .createTable('replicas')
      .addColumn('id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('listener', 'text', (column) => column.notNull())
      .addColumn('beat_at', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('followers')
      .addColumn('sid', 'text', (column) => column.notNull())
      .addColumn('listener', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('followers_key', ['sid', 'listener'])
      .execute()
    await db.schema.createIndex('followers_listener').on('followers').column('listener').execute()
    // What runs is found through `runs`.
    await db.schema.dropIndex('sessions_running').execute()
    await db.schema.alterTable('sessions').addColumn('owner', 'text').execute()
    await db.schema
      .alterTable('sessions')
      .addColumn('fence', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute()
    await db.schema.alterTable('sessions').addColumn('stop', 'text').execute()
    await db.schema
      .alterTable('runs')
      .addColumn('handed_over', 'integer', (column) => column.notNull().defaultTo(0))
      .execute()
    await db.schema.alterTable('inputs').addColumn('replica', 'text').execute()
    await db.schema.alterTable('tool_calls').addColumn('dispatched_by', 'text').execute()
  },
}
