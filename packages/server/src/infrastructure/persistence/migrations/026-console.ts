import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What people look at over all sessions is found by its time, and what waits for them without looking at the rest. */
export const consoleViews: Migration = {
  async up(db: Kysely<never>) {
    await sql`create index tool_calls_pending on tool_calls (created_at) where state = 'awaiting_approval'`.execute(db)
    await sql`create index tool_calls_decided on tool_calls (approval_decided_at) where approval_decided_at is not null`.execute(
      db,
    )
    await sql`create index model_calls_at on model_calls (at)`.execute(db)
    await sql`create index turns_started on turns (started_at)`.execute(db)
    await sql`create index runs_failed on runs (ended_at) where outcome = 'failed'`.execute(db)
  },
}
