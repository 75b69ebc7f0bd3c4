import type { RollupIncrement } from '../../../application/ports/handlers.ts'
import type { AgentFigures, AuditRow, Statistics } from '../../../application/ports/store.ts'
import type { EventType } from '../../../domain/event.ts'
import { METRIC_ROLLUPS } from '../../handlers/metric-rollups.ts'
import { incrementsOf, type RollupName, rollupTypes, sumOf } from '../../handlers/rollups.ts'
import { attach, toEvent } from './attachments.ts'
import { readLog } from './handlers.ts'
import type { EventRow, Queries } from './schema.ts'
import { literal } from './values.ts'

type AuditQuery = Parameters<Statistics['audit']>[0]

/** Sessions that were deleted count too, in figures and in the audit: what happened there happened. Lists of sessions leave them out. */
export function createStatistics(db: Queries): Statistics {
  return {
    async switches(ownerId) {
      const rows = await figures(db, ownerId, 'agent_switch')
      return rows.map(({ labelA: from, labelB: to, count }) => ({ from, to, count }))
    },
    agents: (ownerId) => agents(db, ownerId),
    tools: (ownerId) => tools(db, ownerId),
    async errors(ownerId) {
      const rows = await figures(db, ownerId, 'run_error')
      return rows.map(({ labelA: agent, labelB: code, count }) => ({ agent, code, count }))
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

/** Events that the handler of the figures may lag behind; beyond it, figures show what it has counted so far. */
const longestTail = 50_000

/** What is counted, and what was committed since: a reader sees every event that is stored, whether its handler has come to it or not. */
async function figures(db: Queries, ownerId: string, name: RollupName): Promise<readonly RollupIncrement[]> {
  const kept = await db
    .selectFrom('metric_rollups')
    .select(['owner_id as ownerId', 'name', 'label_a as labelA', 'label_b as labelB', 'count', 'sum'])
    .where('owner_id', '=', ownerId)
    .where('name', '=', name)
    .execute()
  const cursor = await db
    .selectFrom('cursors')
    .select('position')
    .where('handler', '=', METRIC_ROLLUPS)
    .executeTakeFirst()
  const from = cursor?.position ?? 0
  const tail = await readLog(db, { after: from, upTo: from + longestTail, types: rollupTypes[name], ownerId })
  const added = tail.flatMap(incrementsOf).filter((increment) => increment.name === name)
  const rows = [...sumOf([...kept, ...added])]
  return rows.sort((a, b) => order(a.labelA, b.labelA) || order(a.labelB, b.labelB))
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

async function agents(db: Queries, ownerId: string): ReturnType<Statistics['agents']> {
  const found = new Map<string, AgentFigures>()
  for (const { labelA: agent, labelB: outcome, count, sum } of await figures(db, ownerId, 'run')) {
    const { runs, failed, totalMs } = found.get(agent) ?? { runs: 0, failed: 0, totalMs: 0 }
    found.set(agent, {
      agent,
      runs: runs + count,
      failed: failed + (outcome === 'failed' ? count : 0),
      totalMs: totalMs + sum,
    })
  }
  return [...found.values()]
}

async function tools(db: Queries, ownerId: string): ReturnType<Statistics['tools']> {
  const counts = new Map<string, Map<string, number>>()
  for (const name of ['tool', 'decision'] as const) {
    for (const { labelA: tool, labelB, count } of await figures(db, ownerId, name)) {
      counts.set(tool, (counts.get(tool) ?? new Map<string, number>()).set(labelB, count))
    }
  }
  return [...counts]
    .sort(([a], [b]) => order(a, b))
    .map(([tool, of]) => ({
      tool,
      requested: of.get('requested') ?? 0,
      completed: of.get('completed') ?? 0,
      failed: of.get('failed') ?? 0,
      requiredApproval: of.get('requires_approval') ?? 0,
      approved: of.get('approve') ?? 0,
      edited: of.get('edit') ?? 0,
      rejected: of.get('reject') ?? 0,
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
