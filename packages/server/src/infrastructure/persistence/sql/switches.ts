import type { SwitchStore } from '../../../application/ports/store.ts'
import type { Queries } from './schema.ts'

export function createSwitchStore(db: Queries): SwitchStore {
  return {
    async add(sid, entry) {
      await db
        .insertInto('agent_switches')
        .values({
          sid,
          from_agent: entry.from,
          to_agent: entry.to,
          reason: entry.reason,
          confidence: entry.confidence,
          at: entry.at,
        })
        .execute()
    },

    async list(sid) {
      const rows = await db
        .selectFrom('agent_switches')
        .selectAll()
        .where('sid', '=', sid)
        .orderBy('position')
        .execute()
      return rows.map((row) => ({
        from: row.from_agent,
        to: row.to_agent,
        reason: row.reason,
        confidence: row.confidence,
        at: row.at,
      }))
    },
  }
}
