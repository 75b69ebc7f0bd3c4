import type { MessageStore } from '../../../application/ports/store.ts'
import { readable } from '../../../domain/message.ts'
import type { StoredMessage } from '../../../domain/session.ts'
import type { MessageRow, Queries } from './schema.ts'
import { takePosition } from './sessions.ts'
import { mustExist } from './values.ts'

export function createMessageStore(db: Queries): MessageStore {
  return {
    async append(message) {
      const position = await takePosition(db, message.sid, message.createdAt)
      await db
        .insertInto('messages')
        .values({
          sid: message.sid,
          position,
          id: message.id,
          turn_id: message.turnId,
          created_at: message.createdAt,
          agent: message.agent,
          status: message.status,
          role: message.role,
          parts: JSON.stringify(message.parts),
        })
        .execute()
      return { ...message, position }
    },

    async list(sid, page) {
      let query = db.selectFrom('messages').selectAll().where('sid', '=', sid).orderBy('position')
      // Positions have no gap, so a page is found by its first one.
      if (page) query = query.where('position', '>', page.offset).limit(page.limit)
      return (await query.execute()).map(toMessage)
    },

    async listByIds(sid, ids) {
      if (ids.length === 0) return []
      const rows = await db.selectFrom('messages').selectAll().where('sid', '=', sid).where('id', 'in', ids).execute()
      return rows.map(toMessage).sort((a, b) => a.position - b.position)
    },

    async lastUserText(sid) {
      const row = await db
        .selectFrom('messages')
        .select('parts')
        .where('sid', '=', sid)
        .where('role', '=', 'user')
        .orderBy('position', 'desc')
        .limit(1)
        .executeTakeFirst()
      return (
        row &&
        partsOf(row)
          .map((part) => (part.type === 'text' ? readable(part) : ''))
          .join('')
      )
    },

    async replaceResult(sid, messageId, part) {
      const row = await db
        .updateTable('messages')
        .set({ parts: JSON.stringify([part]) })
        .where('id', '=', messageId)
        .where('sid', '=', sid)
        .where('role', '=', 'tool')
        .returning('id')
        .executeTakeFirst()
      mustExist(row, `Tool message ${messageId}`)
    },
  }
}

export function toMessage(row: MessageRow): StoredMessage {
  return {
    id: row.id,
    sid: row.sid,
    position: row.position,
    turnId: row.turn_id,
    createdAt: row.created_at,
    agent: row.agent,
    status: row.status,
    role: row.role,
    parts: partsOf(row),
  }
}

function partsOf(row: Pick<MessageRow, 'parts'>): StoredMessage['parts'] {
  return JSON.parse(row.parts) as StoredMessage['parts']
}
