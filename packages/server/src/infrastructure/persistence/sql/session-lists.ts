import { type RawBuilder, sql } from 'kysely'
import type { ListedSession, SessionQuery } from '../../../application/ports/store.ts'
import type { TurnState } from '../../../domain/session.ts'
import type { Engine } from './engine.ts'
import { prepared } from './prepared.ts'
import type { Queries } from './schema.ts'
import { countSessions } from './session-totals.ts'

interface Page {
  readonly sessions: readonly ListedSession[]
  readonly total: number
}

const lastTurn = sql<TurnState | null>`(select turns.state from turns where turns.sid = sessions.sid order by turns.position desc limit 1)`

const listed = (activeOnly: boolean) =>
  prepared((db, given: { ownerId: string; limit: number; offset: number }) =>
    pageOf(matching(db, given.ownerId, activeOnly), sql<number>`${given.limit}`, sql<number>`${given.offset}`),
  )
const listedOfAll = listed(false)
const listedOfActive = listed(true)

/** Newest activity first. Where it is narrowed down, all that match are looked through to count them. */
export async function listSessions(
  db: Queries,
  engine: Engine,
  { ownerId, limit, offset, activeOnly, ...filter }: SessionQuery,
): Promise<Page> {
  const condition = conditionOf(filter)
  if (!condition) {
    const rows = await (activeOnly ? listedOfActive : listedOfAll)(db, engine, { ownerId, limit, offset })
    return { sessions: rows.map(toListed), total: await countSessions(db, engine, ownerId, activeOnly) }
  }
  const narrowed = matching(db, ownerId, activeOnly).where(condition)
  const counted = await narrowed.select((eb) => eb.fn.countAll<number>().as('total')).executeTakeFirstOrThrow()
  const rows = await pageOf(narrowed, limit, offset).execute()
  return { sessions: rows.map(toListed), total: Number(counted.total) }
}

function matching(db: Queries, ownerId: string, activeOnly: boolean) {
  const live = db.selectFrom('sessions').where('deleted_at', 'is', null).where('owner_id', '=', ownerId)
  return activeOnly ? live.where('is_active', '=', 1) : live
}

/** Of a page's fifty rows every column counts. */
function pageOf(
  rows: ReturnType<typeof matching>,
  limit: number | RawBuilder<number>,
  offset: number | RawBuilder<number>,
) {
  return rows
    .select([
      'sid',
      'external_id as externalId',
      'title',
      'description',
      'created_at as createdAt',
      'last_activity as lastActivity',
      'is_active as isActive',
      'current_agent as currentAgent',
      'model',
      'message_count as messageCount',
      'state',
      lastTurn.as('lastTurn'),
    ])
    .orderBy('last_activity', 'desc')
    .orderBy('sid')
    .limit(limit)
    .offset(offset)
}

type Row = Omit<ListedSession, 'isActive'> & { readonly isActive: number }

function toListed(row: Row): ListedSession {
  return { ...row, isActive: row.isActive === 1 }
}

function conditionOf({ text, agent, status }: Pick<SessionQuery, 'text' | 'agent' | 'status'>) {
  const conditions = [
    ...(agent === undefined ? [] : [sql`current_agent = ${agent}`]),
    ...(text === undefined ? [] : [sql`(${sql.join(formsOf(text).map(contains), sql` or `)})`]),
    ...(status === 'waiting' ? [sql`sessions.state = 'awaiting_approval'`] : []),
    ...(status === 'running' ? [sql`sessions.state in ('running', 'awaiting_tool')`] : []),
    ...(status === 'failed' ? [sql`sessions.state = 'idle' and ${lastTurn} = 'failed'`] : []),
  ]
  return conditions.length === 0 ? undefined : sql<boolean>`${sql.join(conditions, sql` and `)}`
}

/** Engines fold the case of ASCII; of other letters the usual forms are looked for. */
function formsOf(text: string): string[] {
  const lower = text.toLowerCase()
  return [...new Set([text, lower, lower.toUpperCase(), lower.slice(0, 1).toUpperCase() + lower.slice(1)])]
}

function contains(form: string) {
  const pattern = `%${form.replace(/[\\%_]/g, '\\$&')}%`
  return sql`lower(title) like lower(${pattern}) escape '\\' or title like ${pattern} escape '\\' or external_id like ${pattern} escape '\\'`
}
