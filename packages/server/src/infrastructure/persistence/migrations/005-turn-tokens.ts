import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What a turn has used so far, so that its limit is one field to look at and not a sum. */
export const turnTokens: Migration = {
  async up(db: Kysely<never>) {
    await db.schema
      .alterTable('turns')
      .addColumn('tokens', 'bigint', (column) => column.notNull().defaultTo(0))
      .execute()
  },
}
