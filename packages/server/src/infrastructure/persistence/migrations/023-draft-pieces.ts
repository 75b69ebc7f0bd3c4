import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

/** A draft is stored piece by piece: what is long is not written again and again. `at` is where in the text a piece begins. */
export const draftPieces: Migration = {
  async up(db: Kysely<never>) {
    await db.schema.dropIndex('drafts_session').execute()
    await db.schema.dropIndex('drafts_run').execute()
    await db.schema.alterTable('drafts').renameTo('whole_drafts').execute()
    await db.schema
      .createTable('drafts')
      .addColumn('message_id', 'text', (column) => column.notNull())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('sid', 'text', (column) => column.notNull().references('sessions.sid'))
      .addColumn('run_id', 'text', (column) => column.notNull())
      .addColumn('agent', 'text', (column) => column.notNull())
      .addColumn('text', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('draft_pieces_key', ['message_id', 'at'])
      .execute()
    const pieces = db as unknown as Kysely<{
      drafts: Piece & { at: number }
      whole_drafts: Piece
    }>
    await pieces
      .insertInto('drafts')
      .columns(['message_id', 'at', 'sid', 'run_id', 'agent', 'text'])
      .expression((eb) =>
        eb.selectFrom('whole_drafts').select(['message_id', eb.lit(0).as('at'), 'sid', 'run_id', 'agent', 'text']),
      )
      .execute()
    await db.schema.dropTable('whole_drafts').execute()
    await db.schema.createIndex('drafts_session').on('drafts').column('sid').execute()
    await db.schema.createIndex('drafts_run').on('drafts').column('run_id').execute()
  },
}

interface Piece {
  message_id: string
  sid: string
  run_id: string
  agent: string
  text: string
}
