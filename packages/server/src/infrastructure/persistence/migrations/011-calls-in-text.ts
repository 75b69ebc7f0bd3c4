import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Whether the calls of an answer came as text. */
export const callsInText: Migration = {
  async up(db: Kysely<never>) {
    await db.schema
      .alterTable('model_calls')
      .addColumn('calls_in_text', 'integer', (column) => column.notNull().defaultTo(0))
      .execute()
  },
}
