import { sql } from 'kysely'
import { type SessionEvent, targetOf } from '../../../domain/event.ts'
import type { StoredMessage } from '../../../domain/session.ts'
import type { ToolCall } from '../../../domain/tool-call.ts'
import { toMessage } from './messages.ts'
import type { EventRow, Queries } from './schema.ts'
import { toToolCall } from './tool-calls.ts'

export function toEvent(row: EventRow): SessionEvent {
  return {
    type: row.type,
    facts: JSON.parse(row.facts),
    turnId: row.turn_id,
    runId: row.run_id,
    sid: row.sid,
    seq: row.seq,
    at: row.at,
  } as SessionEvent
}

/** The events with the messages and calls that they point at, as these are now; at most two queries. */
export async function attach(db: Queries, events: readonly SessionEvent[]): Promise<readonly SessionEvent[]> {
  const messageIds = new Set<string>()
  const callKeys = new Map<string, readonly [sid: string, callId: string]>()
  for (const event of events) {
    const target = targetOf(event)
    if (target === undefined) continue
    if ('messageId' in target) messageIds.add(target.messageId)
    else callKeys.set(keyOf(event.sid, target.callId), [event.sid, target.callId])
  }
  const messages = await messagesOf(db, [...messageIds])
  const calls = await callsOf(db, [...callKeys.values()])
  return events.map((event) => {
    const target = targetOf(event)
    if (target === undefined) return event
    const message = 'messageId' in target ? messages.get(target.messageId) : undefined
    const call = 'callId' in target ? calls.get(keyOf(event.sid, target.callId)) : undefined
    return { ...event, ...(message && { message }), ...(call && { call }) }
  })
}

async function messagesOf(db: Queries, ids: readonly string[]): Promise<ReadonlyMap<string, StoredMessage>> {
  if (ids.length === 0) return new Map()
  const rows = await db.selectFrom('messages').selectAll().where('id', 'in', ids).execute()
  return new Map(rows.map((row) => [row.id, toMessage(row)]))
}

async function callsOf(
  db: Queries,
  keys: readonly (readonly [string, string])[],
): Promise<ReadonlyMap<string, ToolCall>> {
  if (keys.length === 0) return new Map()
  const pairs = sql.join(keys.map(([sid, callId]) => sql`(${sid}, ${callId})`))
  const rows = await db
    .selectFrom('tool_calls')
    .selectAll()
    .where(sql<boolean>`(sid, call_id) in (values ${pairs})`)
    .execute()
  return new Map(rows.map((row) => [keyOf(row.sid, row.call_id), toToolCall(row)]))
}

function keyOf(sid: string, callId: string): string {
  return `${sid} ${callId}`
}
