import { sql } from 'kysely'
import type { SessionStore } from '../../../application/ports/store.ts'
import { RuntimeError } from '../../../domain/errors.ts'
import type { Session, SessionPatch } from '../../../domain/session.ts'
import type { Engine } from './engine.ts'
import { type Prepared, prepared, preparedFor } from './prepared.ts'
import type { Queries, SessionRow } from './schema.ts'
import { listSessions } from './session-lists.ts'
import { countAllSessions, noteSessions } from './session-totals.ts'
import { flag, mustExist, padded } from './values.ts'

const sessionOf = prepared((db, given: { ownerId: string; externalId: string }, { lock }) =>
  lock(
    db
      .selectFrom('sessions')
      .where('deleted_at', 'is', null)
      .selectAll()
      .where('owner_id', '=', given.ownerId)
      .where('external_id', '=', given.externalId),
  ),
)
const sessionBySid = prepared((db, given: { sid: string }, { lock }) =>
  lock(db.selectFrom('sessions').selectAll().where('sid', '=', given.sid)),
)
const nextPosition = prepared((db, given: { sid: string; at: number }) =>
  db
    .updateTable('sessions')
    .set({
      message_count: sql`message_count + 1`,
      last_activity: sql`case when last_activity < ${given.at} then ${given.at} else last_activity end`,
    })
    .where('sid', '=', given.sid)
    .returning('message_count'),
)
const nextSequence = prepared((db, given: { sid: string; count: number }) =>
  db
    .updateTable('sessions')
    .set({ last_seq: sql`last_seq + ${given.count}` })
    .where('sid', '=', given.sid)
    .returning('last_seq'),
)

const newSession = prepared(
  (db, given: Pick<SessionRow, 'sid' | 'owner_id' | 'external_id' | 'created_at' | 'current_agent' | 'created_key'>) =>
    db
      .insertInto('sessions')
      .values({
        sid: given.sid,
        owner_id: given.owner_id,
        external_id: given.external_id,
        created_at: given.created_at,
        last_activity: given.created_at,
        is_active: 1,
        current_agent: given.current_agent,
        agent_chosen: 0,
        switch_count: 0,
        message_count: 0,
        last_seq: 0,
        state: 'idle',
        created_key: given.created_key,
      })
      .onConflict((conflict) =>
        conflict.columns(['owner_id', 'external_id']).where('deleted_at', 'is', null).doNothing(),
      )
      .returningAll(),
)
const freeSessions = preparedFor((db, sids, { lockFree }) =>
  lockFree(db.selectFrom('sessions').select('sid').where('sid', 'in', sids)),
)

/** One for each set of columns that the code sets together. */
const updates = new Map<string, Prepared<Partial<SessionRow> & { sid: string }, { sid: string }>>()

function updateOf(names: readonly string[]) {
  const key = names.join()
  const known = updates.get(key)
  if (known) return known
  const update = prepared((db, given: Partial<SessionRow> & { sid: string }) =>
    db
      .updateTable('sessions')
      .set(Object.fromEntries(names.map((name) => [name, given[name as keyof SessionRow]])))
      .where('sid', '=', given.sid)
      .returning('sid'),
  )
  updates.set(key, update)
  return update
}

export function createSessionStore(db: Queries, engine: Engine): SessionStore {
  const live = () => db.selectFrom('sessions').where('deleted_at', 'is', null)

  return {
    async find(ownerId, externalId) {
      const [row] = await sessionOf(db, engine, { ownerId, externalId })
      return row && toSession(row)
    },

    async findOnly(externalId) {
      const found = engine.lock(live().selectAll().where('external_id', '=', externalId).limit(2))
      const [row, another] = await found.execute()
      return row && !another ? toSession(row) : undefined
    },

    async findCreated(ownerId, key) {
      const row = await live()
        .selectAll()
        .where('owner_id', '=', ownerId)
        .where('created_key', '=', key)
        .executeTakeFirst()
      return row && toSession(row)
    },

    async get(sid) {
      const [row] = await sessionBySid(db, engine, { sid })
      return row && { ...toSession(row), deleted: row.deleted_at !== null }
    },

    async create(session) {
      const [row] = await newSession(db, engine, {
        sid: session.sid,
        owner_id: session.ownerId,
        external_id: session.externalId,
        created_at: session.createdAt,
        current_agent: session.currentAgent,
        created_key: session.createdKey ?? null,
      })
      if (row === undefined) throw new RuntimeError('session_exists', `Session ${session.externalId} already exists`)
      await noteSessions(db, engine, [row], 1)
      return toSession(row)
    },

    async update(sid, patch) {
      const columns = toColumns(patch)
      const names = Object.keys(columns)
      if (names.length === 0) return
      const [row] = await updateOf(names)(db, engine, { ...columns, sid })
      mustExist(row, `Session ${sid}`)
    },

    async remove(sid, at) {
      const removed = await db
        .updateTable('sessions')
        .set({ deleted_at: at, is_active: 0, created_key: null })
        .where('sid', '=', sid)
        .where('deleted_at', 'is', null)
        .returning(['sid', 'owner_id'])
        .execute()
      await noteSessions(db, engine, removed, -1)
    },

    list: (query) => listSessions(db, engine, query),

    async heads(sids) {
      if (sids.length === 0) return []
      const rows = await db
        .selectFrom('sessions')
        .select(['sid', 'last_seq', 'owner', 'fence', 'stop', 'deleted_at'])
        .where('sid', 'in', padded(sids))
        .execute()
      return rows.map(({ last_seq, deleted_at, ...row }) => ({
        ...row,
        lastSeq: last_seq,
        deleted: deleted_at !== null,
      }))
    },

    async takeFree(sids) {
      if (sids.length === 0) return new Set()
      const free = await freeSessions(db, engine, sids)
      return new Set(free.map(({ sid }) => sid))
    },

    count: () => countAllSessions(db),
  }
}

/** Takes the next place in the session and moves its last activity, which never runs backwards. */
export async function takePosition(db: Queries, engine: Engine, sid: string, at: number): Promise<number> {
  const [row] = await nextPosition(db, engine, { sid, at })
  return mustExist(row, `Session ${sid}`).message_count
}

/** Takes `count` numbers of the session's log; gives back the last one before them. */
export async function takeSequence(db: Queries, engine: Engine, sid: string, count: number): Promise<number> {
  const [row] = await nextSequence(db, engine, { sid, count })
  return mustExist(row, `Session ${sid}`).last_seq - count
}

function toColumns(patch: SessionPatch): Partial<SessionRow> {
  return {
    ...(patch.title !== undefined && { title: patch.title }),
    ...(patch.lastActivity !== undefined && { last_activity: patch.lastActivity }),
    ...(patch.isActive !== undefined && { is_active: flag(patch.isActive) }),
    ...(patch.currentAgent !== undefined && { current_agent: patch.currentAgent }),
    ...(patch.agentChosen !== undefined && { agent_chosen: flag(patch.agentChosen) }),
    ...(patch.model !== undefined && { model: patch.model }),
    ...(patch.switchCount !== undefined && { switch_count: patch.switchCount }),
    ...(patch.lastSwitchAt !== undefined && { last_switch_at: patch.lastSwitchAt }),
    ...(patch.state !== undefined && { state: patch.state }),
    ...(patch.turnId !== undefined && { turn_id: patch.turnId }),
    ...(patch.owner !== undefined && { owner: patch.owner }),
    ...(patch.fence !== undefined && { fence: patch.fence }),
    ...(patch.stop !== undefined && { stop: patch.stop }),
    ...(patch.messageCount !== undefined && { message_count: patch.messageCount }),
    ...(patch.lastSeq !== undefined && { last_seq: patch.lastSeq }),
  }
}

function toSession(row: SessionRow): Session {
  return {
    sid: row.sid,
    ownerId: row.owner_id,
    externalId: row.external_id,
    title: row.title,
    description: row.description,
    createdAt: row.created_at,
    lastActivity: row.last_activity,
    isActive: row.is_active === 1,
    currentAgent: row.current_agent,
    agentChosen: row.agent_chosen === 1,
    model: row.model,
    switchCount: row.switch_count,
    lastSwitchAt: row.last_switch_at,
    messageCount: row.message_count,
    lastSeq: row.last_seq,
    state: row.state,
    turnId: row.turn_id,
    owner: row.owner,
    fence: row.fence,
    stop: row.stop,
  }
}
