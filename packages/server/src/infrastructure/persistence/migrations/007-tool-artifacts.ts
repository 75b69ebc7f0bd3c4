import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Full texts of results move out of the calls, whose rows are read with every event of theirs. */
export const toolArtifacts: Migration = {
  async up(db: Kysely<never>) {
    await db.schema
      .createTable('tool_artifacts')
      .addColumn('sid', 'text', (column) => column.notNull().references('sessions.sid'))
      .addColumn('call_id', 'text', (column) => column.notNull())
      .addColumn('text', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('tool_artifacts_key', ['sid', 'call_id'])
      .execute()
    await sql`insert into tool_artifacts (sid, call_id, text)
      select sid, call_id, full_result from tool_calls where full_result is not null`.execute(db)
    await db.schema.alterTable('tool_calls').dropColumn('full_result').execute()
  },
}
