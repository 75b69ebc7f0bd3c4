import type { AuditRow, Statistics } from '../../../application/ports/store.ts'
import type { EventType } from '../../../domain/event.ts'
import { attach, toEvent } from './attachments.ts'
import type { EventRow, Queries } from './schema.ts'
import { literal } from './values.ts'

type AuditQuery = Parameters<Statistics['audit']>[0]

/** Sessions that were deleted count too, in figures and in the audit: what happened there happened. Lists of sessions leave them out. */
export function createStatistics(db: Queries): Statistics {
  return {
    async switches(ownerId) {
      const rows = await db
        .selectFrom('agent_switches')
        .innerJoin('sessions', 'sessions.sid', 'agent_switches.sid')
        .select((eb) => ['from_agent as from', 'to_agent as to', eb.fn.countAll<number>().as('count')])
        .where('owner_id', '=', ownerId)
        .groupBy(['from_agent', 'to_agent'])
        .orderBy('from_agent')
        .orderBy('to_agent')
        .execute()
      return rows.map((row) => ({ ...row, count: Number(row.count) }))
    },
    agents: (ownerId) => agents(db, ownerId),
    tools: (ownerId) => tools(db, ownerId),
    async errors(ownerId) {
      const rows = await db
        .selectFrom('runs')
        .innerJoin('sessions', 'sessions.sid', 'runs.sid')
        .select((eb) => ['agent', 'error_code', eb.fn.countAll<number>().as('count')])
        .where('owner_id', '=', ownerId)
        .where('error_code', 'is not', null)
        .groupBy(['agent', 'error_code'])
        .orderBy('agent')
        .orderBy('error_code')
        .execute()
      return rows.map((row) => ({ agent: row.agent, code: row.error_code ?? '', count: Number(row.count) }))
    },

    async sessionsWithModelCalls(ownerId) {
      const rows = await db
        .selectFrom('sessions')
        .select('external_id')
        .where('owner_id', '=', ownerId)
        .where('deleted_at', 'is', null)
        .where((eb) =>
          eb.exists(
            eb
              .selectFrom('model_calls')
              .select('model_calls.position')
              .whereRef('model_calls.sid', '=', 'sessions.sid')
              .where('purpose', '=', 'answer'),
          ),
        )
        .orderBy('created_at')
        .orderBy('sid')
        .execute()
      return rows.map((row) => row.external_id)
    },

    audit: (query) => audit(db, query),

    async events() {
      // Positions are never given twice, so the last one is how many there ever were.
      const last = await db
        .selectFrom('events')
        .select(['position', 'at'])
        .orderBy('position', 'desc')
        .limit(1)
        .executeTakeFirst()
      return { total: last?.position ?? 0, lastAt: last?.at ?? null }
    },
  }
}

async function agents(db: Queries, ownerId: string): ReturnType<Statistics['agents']> {
  const rows = await db
    .selectFrom('runs')
    .innerJoin('sessions', 'sessions.sid', 'runs.sid')
    .select((eb) => [
      'agent',
      eb.fn.countAll<number>().as('runs'),
      eb.fn.sum<number>(eb.case().when('outcome', '=', 'failed').then(1).else(0).end()).as('failed'),
      eb.fn.sum<number>(eb('ended_at', '-', eb.ref('started_at'))).as('total_ms'),
    ])
    .where('owner_id', '=', ownerId)
    .where('ended_at', 'is not', null)
    .groupBy('agent')
    .orderBy('agent')
    .execute()
  return rows.map((row) => ({
    agent: row.agent,
    runs: Number(row.runs),
    failed: Number(row.failed),
    totalMs: Number(row.total_ms),
  }))
}

/** Results and decisions that nobody gave but us (superseded, cancelled …) are no completions, failures or rejections. */
async function tools(db: Queries, ownerId: string): ReturnType<Statistics['tools']> {
  const rows = await db
    .selectFrom('tool_calls')
    .innerJoin('sessions', 'sessions.sid', 'tool_calls.sid')
    .select((eb) => {
      const ended = (failed: 0 | 1) =>
        eb
          .case()
          .when(eb.and([eb('failed', '=', failed), eb('synthetic_reason', 'is', null)]))
          .then(1)
          .else(0)
          .end()
      const decided = (decision: 'approve' | 'edit' | 'reject') =>
        eb
          .case()
          .when(
            eb.and([
              eb('approval_decision', '=', decision),
              eb.or([eb('approval_decided_by', 'is', null), eb('approval_decided_by', '<>', 'system')]),
            ]),
          )
          .then(1)
          .else(0)
          .end()
      return [
        'tool',
        eb.fn.countAll<number>().as('requested'),
        eb.fn.sum<number>(ended(0)).as('completed'),
        eb.fn.sum<number>(ended(1)).as('failed'),
        eb.fn.count<number>('approval_status').as('requiredApproval'),
        eb.fn.sum<number>(decided('approve')).as('approved'),
        eb.fn.sum<number>(decided('edit')).as('edited'),
        eb.fn.sum<number>(decided('reject')).as('rejected'),
      ]
    })
    .where('owner_id', '=', ownerId)
    .groupBy('tool')
    .orderBy('tool')
    .execute()
  return rows.map((row) => ({
    tool: row.tool,
    requested: Number(row.requested),
    completed: Number(row.completed),
    failed: Number(row.failed),
    requiredApproval: Number(row.requiredApproval),
    approved: Number(row.approved),
    edited: Number(row.edited),
    rejected: Number(row.rejected),
  }))
}

async function audit(db: Queries, query: AuditQuery): Promise<readonly AuditRow[]> {
  const found: AuditedRow[] = []
  for (const type of new Set(query.types)) found.push(...(await newestOf(db, query, type)))
  const newest = found.sort((a, b) => b.position - a.position).slice(0, query.limit)
  const rows = newest.reverse()
  const events = await attach(db, rows.map(toEvent))
  return events.map((event, index) => ({
    event,
    externalId: rows[index]?.external_id ?? '',
    agent: rows[index]?.run_agent ?? null,
  }))
}

type AuditedRow = EventRow & { readonly external_id: string; readonly run_agent: string | null }

/** One type at a time: the index then gives the newest first, and the reading ends at the limit. The cross join keeps the engine from
 *  starting at the sessions. */
function newestOf(db: Queries, { ownerId, sid, limit }: AuditQuery, type: EventType): Promise<AuditedRow[]> {
  let query = db
    .selectFrom('events')
    .crossJoin('sessions')
    .leftJoin('runs', 'runs.run_id', 'events.run_id')
    .selectAll('events')
    .select(['sessions.external_id', 'runs.agent as run_agent'])
    .whereRef('sessions.sid', '=', 'events.sid')
    .where('sessions.owner_id', '=', ownerId)
    .where('events.audited', '=', literal.one)
    .where('events.type', '=', type)
    .orderBy('events.position', 'desc')
    .limit(limit)
  if (sid !== undefined) query = query.where('events.sid', '=', sid)
  return query.execute()
}
