import type { PreviewStore } from '../../../application/ports/store.ts'
import type { CallPreview } from '../../../domain/tool-call.ts'
import type { Queries, ToolPreviewRow } from './schema.ts'
import { flag } from './values.ts'

export function createPreviewStore(db: Queries): PreviewStore {
  return {
    async put(sid, callId, { oldSha256, diff, truncated }) {
      const values = { old_sha256: oldSha256, diff, truncated: flag(truncated) }
      await db
        .insertInto('tool_previews')
        .values({ sid, call_id: callId, ...values })
        .onConflict((conflict) => conflict.columns(['sid', 'call_id']).doUpdateSet(values))
        .execute()
    },

    async find(sid, callId) {
      const row = await db
        .selectFrom('tool_previews')
        .selectAll()
        .where('sid', '=', sid)
        .where('call_id', '=', callId)
        .executeTakeFirst()
      return row && toPreview(row)
    },

    async listByCalls(sid, callIds) {
      if (callIds.length === 0) return new Map()
      const rows = await db
        .selectFrom('tool_previews')
        .selectAll()
        .where('sid', '=', sid)
        .where('call_id', 'in', callIds)
        .execute()
      return new Map(rows.map((row) => [row.call_id, toPreview(row)]))
    },
  }
}

function toPreview(row: ToolPreviewRow): CallPreview {
  return { oldSha256: row.old_sha256, diff: row.diff, truncated: row.truncated === 1 }
}
