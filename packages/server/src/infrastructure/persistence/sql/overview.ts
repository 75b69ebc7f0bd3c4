import { sql } from 'kysely'
import type { AskedCall, OverviewStore, RecentQuery } from '../../../application/ports/overview.ts'
import type { Queries, ToolCallRow } from './schema.ts'
import { toToolCall } from './tool-calls.ts'

export function createOverviewStore(db: Queries): OverviewStore {
  const pendingOf = (ownerId: string) =>
    db
      .selectFrom('tool_calls')
      // The cross join keeps the engine from starting at the sessions.
      .crossJoin('sessions')
      .whereRef('sessions.sid', '=', 'tool_calls.sid')
      .where('tool_calls.state', '=', sql.lit('awaiting_approval' as const))
      // The step of a lowered call asks for it.
      .where('tool_calls.lowered', '=', 0)
      .where('sessions.owner_id', '=', ownerId)
      .where('sessions.deleted_at', 'is', null)

  return {
    async pending(ownerId, limit) {
      const rows = await pendingOf(ownerId)
        .leftJoin('tool_previews', (join) =>
          join
            .onRef('tool_previews.sid', '=', 'tool_calls.sid')
            .onRef('tool_previews.call_id', '=', 'tool_calls.call_id'),
        )
        .selectAll('tool_calls')
        .select(['sessions.external_id', 'sessions.title', 'old_sha256', 'diff', 'truncated'])
        .orderBy('tool_calls.created_at')
        .limit(limit)
        .execute()
      return rows.map(toAsked)
    },

    async countPending(ownerId) {
      const { count } = await pendingOf(ownerId)
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      return Number(count)
    },

    async decided(ownerId, limit) {
      const rows = await db
        .selectFrom('tool_calls')
        .crossJoin('sessions')
        .whereRef('sessions.sid', '=', 'tool_calls.sid')
        .selectAll('tool_calls')
        .select(['sessions.external_id', 'sessions.title'])
        .where('approval_decided_at', 'is not', null)
        .where('tool_calls.lowered', '=', 0)
        .where('sessions.owner_id', '=', ownerId)
        .where('sessions.deleted_at', 'is', null)
        .orderBy('approval_decided_at', 'desc')
        .limit(limit)
        .execute()
      return rows.map((row) => toAsked({ ...row, old_sha256: null, diff: null, truncated: null }))
    },

    async modelCalls({ ownerId, since, limit }) {
      let query = db
        .selectFrom('model_calls')
        .crossJoin('sessions')
        .whereRef('sessions.sid', '=', 'model_calls.sid')
        .select([
          'at',
          'model_calls.turn_id as turnId',
          'owner_id as ownerId',
          'agent',
          'purpose',
          'model_calls.model',
          'alias',
          'input_tokens as inputTokens',
          'cached_tokens as cachedTokens',
          'output_tokens as outputTokens',
          'cost',
          'first_token_ms as firstTokenMs',
          'error_code',
        ])
        .where('at', '>=', since)
        .orderBy('at', 'desc')
        .limit(limit)
      if (ownerId !== undefined) query = query.where('owner_id', '=', ownerId)
      const rows = await query.execute()
      return rows.map(({ alias, error_code, ...row }) => ({
        ...row,
        model: alias ?? row.model,
        failed: error_code !== null,
      }))
    },

    async turns({ ownerId, since, limit }) {
      let query = db
        .selectFrom('turns')
        .select(['turns.turn_id as turnId', 'started_at as startedAt', 'ended_at as endedAt'])
        .where('started_at', '>=', since)
        .orderBy('started_at', 'desc')
        .limit(limit)
      if (ownerId !== undefined)
        query = query.crossJoin('sessions').whereRef('sessions.sid', '=', 'turns.sid').where('owner_id', '=', ownerId)
      return await query.execute()
    },

    async failures({ ownerId, since, limit }) {
      let query = db
        .selectFrom('runs')
        .select(['runs.turn_id as turnId', 'ended_at', 'agent', 'error_code'])
        .where('outcome', '=', sql.lit('failed' as const))
        .where('ended_at', '>=', since)
        .orderBy('ended_at', 'desc')
        .limit(limit)
      if (ownerId !== undefined)
        query = query.crossJoin('sessions').whereRef('sessions.sid', '=', 'runs.sid').where('owner_id', '=', ownerId)
      const rows = await query.execute()
      return rows.map(({ turnId, ended_at, agent, error_code }) => ({
        turnId,
        agent,
        at: ended_at ?? since,
        code: error_code ?? 'internal',
      }))
    },

    decisions: (query) => decisions(db, query),

    async replicas() {
      return await db.selectFrom('replicas').select(['id', 'beat_at as beatAt']).orderBy('id').limit(1_000).execute()
    },
  }
}

async function decisions(db: Queries, { ownerId, since, limit }: RecentQuery) {
  let query = db
    .selectFrom('tool_calls')
    .select(['agent', 'approval_status', 'approval_decided_at', 'tool_calls.created_at'])
    .where('approval_decided_at', 'is not', null)
    .where('approval_decided_at', '>=', since)
    .where('lowered', '=', 0)
    .orderBy('approval_decided_at', 'desc')
    .limit(limit)
  if (ownerId !== undefined)
    query = query.crossJoin('sessions').whereRef('sessions.sid', '=', 'tool_calls.sid').where('owner_id', '=', ownerId)
  const rows = await query.execute()
  return rows.map((row) => ({
    agent: row.agent,
    rejected: row.approval_status === 'rejected',
    waitMs: Math.max(0, (row.approval_decided_at ?? row.created_at) - row.created_at),
  }))
}

type AskedRow = ToolCallRow & {
  readonly external_id: string
  readonly title: string | null
  readonly old_sha256: string | null
  readonly diff: string | null
  readonly truncated: number | null
}

function toAsked(row: AskedRow): AskedCall {
  const { diff, old_sha256: oldSha256, truncated } = row
  return {
    call: toToolCall(row),
    session: { sessionId: row.external_id, title: row.title },
    preview: diff === null ? null : { oldSha256, diff, truncated: truncated === 1 },
  }
}
