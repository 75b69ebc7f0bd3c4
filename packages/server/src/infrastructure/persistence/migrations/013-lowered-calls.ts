import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Calls that are carried out by others, and those others. */
export const loweredCalls: Migration = {
  async up(db: Kysely<never>) {
    await db.schema
      .alterTable('tool_calls')
      .addColumn('lowered', 'integer', (column) => column.notNull().defaultTo(0))
      .execute()
    await db.schema.alterTable('tool_calls').addColumn('parent_call_id', 'text').execute()
  },
}
