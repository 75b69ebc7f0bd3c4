import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Rules that people made, and what decided about each call. */
export const grants: Migration = {
  async up(db: Kysely<never>) {
    await db.schema
      .createTable('grants')
      .addColumn('position', 'integer', (column) => column.primaryKey())
      .addColumn('id', 'text', (column) => column.notNull().unique())
      .addColumn('owner_id', 'text', (column) => column.notNull())
      .addColumn('sid', 'text', (column) => column.references('sessions.sid'))
      .addColumn('project_id', 'text')
      .addColumn('project_name', 'text')
      // No reference: the rule of a project outlives the session that it was made in.
      .addColumn('made_in', 'text', (column) => column.notNull())
      .addColumn('tool', 'text', (column) => column.notNull())
      .addColumn('pattern', 'text', (column) => column.notNull())
      .addColumn('effect', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('created_by', 'text')
      .execute()
    await db.schema.createIndex('grants_owner').on('grants').columns(['owner_id', 'position']).execute()
    await db.schema.createIndex('grants_session').on('grants').columns(['sid', 'position']).execute()
    await db.schema.createIndex('grants_project').on('grants').columns(['owner_id', 'project_id', 'position']).execute()
    await db.schema.alterTable('tool_calls').addColumn('ruling', 'text').execute()
    await db.schema.alterTable('tool_calls').addColumn('shown_hash', 'text').execute()
  },
}
