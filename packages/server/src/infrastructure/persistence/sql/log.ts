import type { EventLog } from '../../../application/ports/store.ts'
import { isAudited } from '../../../domain/event.ts'
import { attach, toEvent } from './attachments.ts'
import type { Queries } from './schema.ts'
import { takeSequence } from './sessions.ts'
import { flag } from './values.ts'

export function createEventLog(db: Queries): EventLog {
  return {
    async append(sid, at, events) {
      if (events.length === 0) return []
      const before = await takeSequence(db, sid, events.length)
      await db
        .insertInto('events')
        .values(
          events.map((event, index) => ({
            sid,
            seq: before + index + 1,
            type: event.type,
            at,
            turn_id: event.turnId ?? null,
            run_id: event.runId ?? null,
            facts: JSON.stringify(event.facts),
            audited: flag(isAudited(event)),
          })),
        )
        .execute()
      return events.map((event, index) => ({ ...event, sid, seq: before + index + 1, at }))
    },

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
