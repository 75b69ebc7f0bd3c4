import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What a client may send twice, and what a model had written when the process ended. */
export const repeatsAndDrafts: Migration = {
  async up(db: Kysely<never>) {
    await db.schema.alterTable('inputs').addColumn('repeat_key', 'text').execute()
    await db.schema.alterTable('inputs').addColumn('body_hash', 'text').execute()
    await db.schema.alterTable('inputs').addColumn('run_id', 'text').execute()
    await db.schema.alterTable('inputs').addColumn('after_seq', 'bigint').execute()
    await db.schema
      .createIndex('inputs_repeat')
      .unique()
      .on('inputs')
      .columns(['sid', 'repeat_key'])
      .where(sql.ref('repeat_key'), 'is not', null)
      .execute()
    await db.schema.alterTable('sessions').addColumn('created_key', 'text').execute()
    await db.schema
      .createIndex('sessions_created_key')
      .unique()
      .on('sessions')
      .columns(['owner_id', 'created_key'])
      .where(sql.ref('created_key'), 'is not', null)
      .execute()
    await db.schema
      .createTable('drafts')
      .addColumn('message_id', 'text', (column) => column.primaryKey().notNull())
      .addColumn('sid', 'text', (column) => column.notNull().references('sessions.sid'))
      .addColumn('run_id', 'text', (column) => column.notNull())
      .addColumn('agent', 'text', (column) => column.notNull())
      .addColumn('text', 'text', (column) => column.notNull())
      .execute()
    await db.schema.createIndex('drafts_session').on('drafts').column('sid').execute()
    await db.schema.createIndex('drafts_run').on('drafts').column('run_id').execute()
  },
}
