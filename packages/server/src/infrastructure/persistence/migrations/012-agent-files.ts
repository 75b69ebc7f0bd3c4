import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Agents that a session's workspace has as files. */
export const agentFiles: Migration = {
  async up(db: Kysely<never>) {
    await db.schema
      .createTable('agent_files')
      .addColumn('sid', 'text', (column) => column.primaryKey().notNull().references('sessions.sid'))
      .addColumn('files', 'text', (column) => column.notNull())
      .execute()
  },
}
