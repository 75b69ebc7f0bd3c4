import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Which model a person chose for a session; which was asked in whose place. */
export const models: Migration = {
  async up(db: Kysely<never>) {
    await db.schema.alterTable('sessions').addColumn('model', 'text').execute()
    await db.schema.alterTable('model_calls').addColumn('alias', 'text').execute()
    await db.schema.alterTable('model_calls').addColumn('instead_of', 'text').execute()
    // In the order in which usage is added up, so that nothing has to be sorted for it.
    await db.schema
      .createIndex('model_calls_usage')
      .on('model_calls')
      .columns(['sid', 'provider', 'model', 'alias'])
      .execute()
  },
}
