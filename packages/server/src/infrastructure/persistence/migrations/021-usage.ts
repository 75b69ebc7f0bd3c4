import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What people used by UTC day (days since 1970), added up from what is there already. Rows without a model count the turns. */
export const usage: Migration = {
  async up(db: Kysely<never>) {
    await db.schema
      .createTable('usage_days')
      .addColumn('owner_id', 'text', (column) => column.notNull())
      .addColumn('day', 'bigint', (column) => column.notNull())
      .addColumn('provider', 'text', (column) => column.notNull())
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('turns', 'bigint', (column) => column.notNull())
      .addColumn('calls', 'bigint', (column) => column.notNull())
      .addColumn('priced_calls', 'bigint', (column) => column.notNull())
      .addColumn('cost', 'double precision', (column) => column.notNull())
      .addColumn('input_tokens', 'bigint', (column) => column.notNull())
      .addColumn('cached_tokens', 'bigint', (column) => column.notNull())
      .addColumn('output_tokens', 'bigint', (column) => column.notNull())
      .addColumn('reasoning_tokens', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('usage_days_key', ['owner_id', 'day', 'provider', 'model'])
      .execute()
    await db.schema.createIndex('usage_days_all').on('usage_days').column('day').execute()
    await sql`insert into usage_days
      select sessions.owner_id, model_calls.at / 86400000, provider, model_calls.model, 0, count(*), count(cost),
        coalesce(sum(cost), 0), sum(input_tokens), sum(cached_tokens), sum(output_tokens), sum(reasoning_tokens)
      from model_calls join sessions on sessions.sid = model_calls.sid
      group by sessions.owner_id, model_calls.at / 86400000, provider, model_calls.model`.execute(db)
    await sql`insert into usage_days
      select sessions.owner_id, turns.started_at / 86400000, '', '', count(*), 0, 0, 0, 0, 0, 0, 0
      from turns join sessions on sessions.sid = turns.sid
      group by sessions.owner_id, turns.started_at / 86400000`.execute(db)
  },
}
