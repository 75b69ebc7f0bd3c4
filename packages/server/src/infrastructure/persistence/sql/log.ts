import type { EventLog } from '../../../application/ports/store.ts'
import { isAudited, type SessionEvent } from '../../../domain/event.ts'
import { attach, toEvent } from './attachments.ts'
import type { Engine } from './engine.ts'
import { prepared } from './prepared.ts'
import type { Queries } from './schema.ts'
import { takeSequence } from './sessions.ts'
import { flag } from './values.ts'

/** So many events at once have a statement of their own, by their number. */
const mostPrepared = 8
const names = ['sid', 'seq', 'type', 'at', 'turn_id', 'run_id', 'facts', 'audited'] as const
const insertEvents = Array.from({ length: mostPrepared }, (_, last) =>
  prepared((db, given: Readonly<Record<string, unknown>>) =>
    db
      .insertInto('events')
      .values(
        Array.from(
          { length: last + 1 },
          (_, index) => Object.fromEntries(names.map((name) => [name, given[`${name} ${index}`]])) as never,
        ),
      ),
  ),
)

const slotsOf = Array.from({ length: mostPrepared }, (_, index) => names.map((name) => `${name} ${index}`))

export function createEventLog(db: Queries, engine: Engine): EventLog {
  async function add(events: readonly SessionEvent[]): Promise<void> {
    if (events.length === 0) return
    const rows = events.map((event) => ({
      sid: event.sid,
      seq: event.seq,
      type: event.type,
      at: event.at,
      turn_id: event.turnId ?? null,
      run_id: event.runId ?? null,
      facts: JSON.stringify(event.facts),
      audited: flag(isAudited(event)),
    }))
    const insert = insertEvents[rows.length - 1]
    if (!insert) {
      await db.insertInto('events').values(rows).execute()
      return
    }
    const given: Record<string, unknown> = {}
    for (const [index, row] of rows.entries())
      for (const [column, slot] of (slotsOf[index] ?? []).entries())
        given[slot] = row[names[column] as keyof typeof row]
    await insert(db, engine, given)
  }

  return {
    async append(sid, at, events) {
      if (events.length === 0) return []
      const before = await takeSequence(db, engine, sid, events.length)
      const numbered = events.map((event, index) => ({ ...event, sid, seq: before + index + 1, at }))
      await add(numbered)
      return numbered
    },

    add,

    async readAfter(sid, seq, limit) {
      const rows = await db
        .selectFrom('events')
        .selectAll()
        .where('sid', '=', sid)
        .where('seq', '>', seq)
        .orderBy('seq')
        .limit(limit)
        .execute()
      return attach(db, rows.map(toEvent))
    },
  }
}
