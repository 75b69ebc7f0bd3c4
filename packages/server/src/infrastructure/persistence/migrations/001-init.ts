import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

type Db = Kysely<never>

/** The first schema. A column `position` that is a primary key is given by SQLite in order of arrival. */
export const init: Migration = {
  async up(db: Db) {
    await createSessions(db)
    await createMessages(db)
    await createToolCalls(db)
    await createTurnsAndRuns(db)
    await createModelCalls(db)
    await createSwitchesAndInputs(db)
    await createEvents(db)
  },
}

async function createSessions(db: Db): Promise<void> {
  await db.schema
    .createTable('sessions')
    .addColumn('sid', 'text', (column) => column.primaryKey().notNull())
    .addColumn('owner_id', 'text', (column) => column.notNull())
    .addColumn('external_id', 'text', (column) => column.notNull())
    .addColumn('title', 'text')
    .addColumn('description', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('last_activity', 'bigint', (column) => column.notNull())
    .addColumn('is_active', 'integer', (column) => column.notNull())
    .addColumn('deleted_at', 'bigint')
    .addColumn('current_agent', 'text', (column) => column.notNull())
    .addColumn('agent_chosen', 'integer', (column) => column.notNull())
    .addColumn('switch_count', 'integer', (column) => column.notNull())
    .addColumn('last_switch_at', 'bigint')
    .addColumn('message_count', 'bigint', (column) => column.notNull())
    .addColumn('last_seq', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('turn_id', 'text')
    .execute()
  await db.schema
    .createIndex('sessions_external')
    .unique()
    .on('sessions')
    .columns(['owner_id', 'external_id'])
    .where(sql.ref('deleted_at'), 'is', null)
    .execute()
  // The last two columns are there so that a count reads nothing but the index.
  await db.schema
    .createIndex('sessions_listed')
    .on('sessions')
    .columns(['owner_id', 'last_activity desc', 'sid', 'is_active', 'deleted_at'])
    .where(sql.ref('deleted_at'), 'is', null)
    .execute()
  await db.schema
    .createIndex('sessions_running')
    .on('sessions')
    .column('sid')
    .where(sql.ref('state'), '=', 'running')
    .execute()
}

async function createMessages(db: Db): Promise<void> {
  await db.schema
    .createTable('messages')
    .addColumn('sid', 'text', (column) => column.notNull().references('sessions.sid'))
    .addColumn('position', 'bigint', (column) => column.notNull())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('turn_id', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('agent', 'text')
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('parts', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('messages_key', ['sid', 'position'])
    .execute()
  await db.schema.createIndex('messages_role').on('messages').columns(['sid', 'role', 'position']).execute()
}

async function createToolCalls(db: Db): Promise<void> {
  await db.schema
    .createTable('tool_calls')
    .addColumn('position', 'integer', (column) => column.primaryKey())
    .addColumn('sid', 'text', (column) => column.notNull().references('sessions.sid'))
    .addColumn('call_id', 'text', (column) => column.notNull())
    .addColumn('turn_id', 'text', (column) => column.notNull())
    .addColumn('message_id', 'text', (column) => column.notNull())
    .addColumn('call_index', 'integer', (column) => column.notNull())
    .addColumn('tool', 'text', (column) => column.notNull())
    .addColumn('agent', 'text', (column) => column.notNull())
    .addColumn('arguments_json', 'text', (column) => column.notNull())
    .addColumn('edited_json', 'text')
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('approval_status', 'text')
    .addColumn('approval_reason', 'text')
    .addColumn('approval_decision', 'text')
    .addColumn('approval_implicit', 'integer', (column) => column.notNull())
    .addColumn('approval_feedback', 'text')
    .addColumn('approval_decided_by', 'text')
    .addColumn('approval_decided_at', 'bigint')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('dispatched_at', 'bigint')
    .addColumn('answered_at', 'bigint')
    .addColumn('failed', 'integer')
    .addColumn('synthetic_reason', 'text')
    .addColumn('full_result', 'text')
    .addColumn('result_message_id', 'text')
    .addUniqueConstraint('tool_calls_key', ['sid', 'call_id'])
    .execute()
  await db.schema
    .createIndex('tool_calls_message')
    .on('tool_calls')
    .columns(['sid', 'message_id', 'call_index'])
    .execute()
  await db.schema
    .createIndex('tool_calls_open')
    .on('tool_calls')
    .columns(['sid', 'position'])
    .where(sql.ref('state'), 'in', ['open', 'awaiting_approval'])
    .execute()
}

async function createTurnsAndRuns(db: Db): Promise<void> {
  await db.schema
    .createTable('turns')
    .addColumn('position', 'integer', (column) => column.primaryKey())
    .addColumn('turn_id', 'text', (column) => column.notNull().unique())
    .addColumn('sid', 'text', (column) => column.notNull().references('sessions.sid'))
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('steps', 'integer', (column) => column.notNull())
    .addColumn('client', 'text')
    .execute()
  await db.schema.createIndex('turns_session').on('turns').columns(['sid', 'position']).execute()
  await db.schema
    .createTable('runs')
    .addColumn('run_id', 'text', (column) => column.primaryKey().notNull())
    .addColumn('sid', 'text', (column) => column.notNull().references('sessions.sid'))
    .addColumn('turn_id', 'text', (column) => column.notNull())
    .addColumn('agent', 'text', (column) => column.notNull())
    .addColumn('input_kind', 'text', (column) => column.notNull())
    .addColumn('started_at', 'bigint', (column) => column.notNull())
    .addColumn('ended_at', 'bigint')
    .addColumn('outcome', 'text')
    .addColumn('error_code', 'text')
    .addColumn('error_text', 'text')
    .execute()
  await db.schema.createIndex('runs_session').on('runs').column('sid').execute()
  await db.schema
    .createIndex('runs_unended')
    .on('runs')
    .column('run_id')
    .where(sql.ref('ended_at'), 'is', null)
    .execute()
}

async function createModelCalls(db: Db): Promise<void> {
  await db.schema
    .createTable('model_calls')
    .addColumn('position', 'integer', (column) => column.primaryKey())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('sid', 'text', (column) => column.notNull().references('sessions.sid'))
    .addColumn('turn_id', 'text', (column) => column.notNull())
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('purpose', 'text', (column) => column.notNull())
    .addColumn('agent', 'text', (column) => column.notNull())
    .addColumn('provider', 'text', (column) => column.notNull())
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('answered_by', 'text')
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('input_tokens', 'bigint', (column) => column.notNull())
    .addColumn('cached_tokens', 'bigint', (column) => column.notNull())
    .addColumn('output_tokens', 'bigint', (column) => column.notNull())
    .addColumn('reasoning_tokens', 'bigint', (column) => column.notNull())
    .addColumn('cost', 'double precision')
    .addColumn('first_token_ms', 'double precision')
    .addColumn('duration_ms', 'double precision', (column) => column.notNull())
    .addColumn('finish', 'text')
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('tool_calls', 'integer', (column) => column.notNull())
    .addColumn('error_code', 'text')
    .addColumn('error_text', 'text')
    .execute()
  await db.schema.createIndex('model_calls_session').on('model_calls').columns(['sid', 'purpose', 'position']).execute()
}

async function createSwitchesAndInputs(db: Db): Promise<void> {
  await db.schema
    .createTable('agent_switches')
    .addColumn('position', 'integer', (column) => column.primaryKey())
    .addColumn('sid', 'text', (column) => column.notNull().references('sessions.sid'))
    .addColumn('from_agent', 'text', (column) => column.notNull())
    .addColumn('to_agent', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('confidence', 'text')
    .addColumn('at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('agent_switches_session').on('agent_switches').columns(['sid', 'position']).execute()
  await db.schema
    .createTable('inputs')
    .addColumn('position', 'integer', (column) => column.primaryKey())
    .addColumn('id', 'text', (column) => column.notNull().unique())
    .addColumn('sid', 'text', (column) => column.notNull().references('sessions.sid'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('body_json', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute()
  // Every table that points at sessions has an index by `sid`: SQLite looks there when a session comes or goes.
  await db.schema.createIndex('inputs_session').on('inputs').column('sid').execute()
  await db.schema
    .createIndex('inputs_waiting')
    .on('inputs')
    .columns(['sid', 'position'])
    .where(sql.ref('state'), '=', 'waiting')
    .execute()
}

async function createEvents(db: Db): Promise<void> {
  await db.schema
    .createTable('events')
    .addColumn('position', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('sid', 'text', (column) => column.notNull().references('sessions.sid'))
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('at', 'bigint', (column) => column.notNull())
    .addColumn('turn_id', 'text')
    .addColumn('run_id', 'text')
    .addColumn('facts', 'text', (column) => column.notNull())
    .addColumn('audited', 'integer', (column) => column.notNull())
    .addUniqueConstraint('events_key', ['sid', 'seq'])
    .execute()
  await db.schema
    .createIndex('events_audited')
    .on('events')
    .columns(['type', 'position'])
    .where(sql.ref('audited'), '=', 1)
    .execute()
  await db.schema
    .createIndex('events_audited_session')
    .on('events')
    .columns(['sid', 'type', 'position'])
    .where(sql.ref('audited'), '=', 1)
    .execute()
}
