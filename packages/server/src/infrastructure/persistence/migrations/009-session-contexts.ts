import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What a session tells its models of the workspace and how much of its history is sent; and of each model call, what its request began
 *  with and how long it was thought to be. */
export const sessionContexts: Migration = {
  async up(db: Kysely<never>) {
    await db.schema
      .createTable('session_contexts')
      .addColumn('sid', 'text', (column) => column.primaryKey().notNull())
      .addColumn('frozen', 'text')
      .addColumn('told', 'text')
      .addColumn('referenced_before', 'bigint', (column) => column.notNull())
      .addColumn('dropped_before', 'bigint', (column) => column.notNull())
      .execute()
    await db.schema.alterTable('model_calls').addColumn('prefix_hash', 'text').execute()
    await db.schema.alterTable('model_calls').addColumn('estimated_tokens', 'bigint').execute()
    await db.schema.alterTable('model_calls').addColumn('context_tokens', 'bigint').execute()
  },
}
