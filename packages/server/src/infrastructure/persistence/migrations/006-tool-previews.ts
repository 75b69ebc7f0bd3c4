import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What a call that waits for a person would do. Apart from the calls: their rows are read with every event of theirs. */
export const toolPreviews: Migration = {
  async up(db: Kysely<never>) {
    await db.schema
      .createTable('tool_previews')
      .addColumn('sid', 'text', (column) => column.notNull().references('sessions.sid'))
      .addColumn('call_id', 'text', (column) => column.notNull())
      .addColumn('old_sha256', 'text')
      .addColumn('diff', 'text', (column) => column.notNull())
      .addColumn('truncated', 'integer', (column) => column.notNull())
      .addPrimaryKeyConstraint('tool_previews_key', ['sid', 'call_id'])
      .execute()
  },
}
