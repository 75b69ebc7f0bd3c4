import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Cursors of the event handlers, what they could not take, and the figures that the first of them keeps. A log that is there already is
 *  read from its beginning. */
export const handlers: Migration = {
  async up(db: Kysely<never>) {
    await db.schema
      .createTable('cursors')
      .addColumn('handler', 'text', (column) => column.primaryKey().notNull())
      .addColumn('position', 'bigint', (column) => column.notNull())
      .addColumn('handled', 'bigint', (column) => column.notNull())
      .addColumn('failed', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('dead_letters')
      .addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
      .addColumn('handler', 'text', (column) => column.notNull())
      .addColumn('position', 'bigint', (column) => column.notNull())
      .addColumn('sid', 'text', (column) => column.notNull())
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('code', 'text', (column) => column.notNull())
      .addColumn('text', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('attempts', 'integer', (column) => column.notNull())
      .addUniqueConstraint('dead_letters_key', ['handler', 'position'])
      .execute()
    await db.schema
      .createTable('metric_rollups')
      .addColumn('owner_id', 'text', (column) => column.notNull())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('label_a', 'text', (column) => column.notNull())
      .addColumn('label_b', 'text', (column) => column.notNull())
      .addColumn('count', 'bigint', (column) => column.notNull())
      .addColumn('sum', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('metric_rollups_key', ['owner_id', 'name', 'label_a', 'label_b'])
      .execute()
  },
}
