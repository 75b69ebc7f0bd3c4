import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** To which replica the client that has a call is connected. */
export const heldCalls: Migration = {
  async up(db: Kysely<never>) {
    await db.schema.alterTable('tool_calls').addColumn('held_by', 'text').execute()
  },
}
