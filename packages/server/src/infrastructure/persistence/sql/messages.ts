import type { MessageStore } from '../../../application/ports/store.ts'
import { readable } from '../../../domain/message.ts'
import type { StoredMessage } from '../../../domain/session.ts'
import type { Engine } from './engine.ts'
import { prepared } from './prepared.ts'
import type { MessageRow, Queries } from './schema.ts'
import { takePosition } from './sessions.ts'
import { mustExist } from './values.ts'

interface NewRow extends StoredMessage {
  readonly json: string
}
const insertMessage = prepared((db, given: NewRow) =>
  db.insertInto('messages').values({
    sid: given.sid,
    position: given.position,
    id: given.id,
    turn_id: given.turnId,
    created_at: given.createdAt,
    agent: given.agent,
    status: given.status,
    role: given.role,
    parts: given.json,
  }),
)
const messagesOf = (db: Queries, sid: string) =>
  db.selectFrom('messages').selectAll().where('sid', '=', sid).orderBy('position')
const allMessages = prepared((db, given: { sid: string }) => messagesOf(db, given.sid))
const messagePage = prepared((db, given: { sid: string; offset: number; limit: number }) =>
  messagesOf(db, given.sid).where('position', '>', given.offset).limit(given.limit),
)

export function createMessageStore(db: Queries, engine: Engine): MessageStore {
  const insert = async (message: StoredMessage): Promise<void> => {
    await insertMessage(db, engine, { ...message, json: JSON.stringify(message.parts) })
  }
  return {
    async append(message) {
      const position = await takePosition(db, engine, message.sid, message.createdAt)
      const numbered = { ...message, position }
      await insert(numbered)
      return numbered
    },

    add: insert,

    async list(sid, page) {
      // Positions have no gap, so a page is found by its first one.
      const rows = page ? await messagePage(db, engine, { sid, ...page }) : await allMessages(db, engine, { sid })
      return rows.map(toMessage)
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
