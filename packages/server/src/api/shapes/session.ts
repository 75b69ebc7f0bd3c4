import type { CreatedSession, SessionDetail, SessionList } from '@codelab/protocol'
import type { ListedSession, Session, StoredMessage } from '../../application/index.ts'
import { sessionMessage } from './message.ts'
import { timestamp } from './time.ts'

export function createdSession(session: Session): CreatedSession {
  return {
    id: session.externalId,
    session_id: session.externalId,
    message_count: session.messageCount,
    created_at: timestamp(session.createdAt),
    is_active: session.isActive,
    current_agent: session.currentAgent,
  }
}

export function sessionItem(session: ListedSession): SessionList['sessions'][number] {
  return {
    id: session.externalId,
    session_id: session.externalId,
    title: session.title,
    description: session.description,
    message_count: session.messageCount,
    last_activity: timestamp(session.lastActivity),
    created_at: timestamp(session.createdAt),
    is_active: session.isActive,
    current_agent: session.currentAgent,
    state: session.state,
    last_turn: session.lastTurn,
  }
}

/** Both generations side by side: nested, and at top level for the shipped IDE (PROTOCOL 2.4). */
export function sessionDetail(session: Session, messages: readonly StoredMessage[] | null): SessionDetail {
  const { externalId: id, title, description, messageCount: message_count, isActive: is_active } = session
  const times = {
    last_activity: timestamp(session.lastActivity),
    is_active,
    created_at: timestamp(session.createdAt),
    duration_seconds: (session.lastActivity - session.createdAt) / 1000,
  }
  return {
    session: { id, title, description, message_count, messages: messages?.map(sessionMessage) ?? null, ...times },
    id,
    session_id: id,
    title,
    description,
    message_count,
    ...times,
    current_agent: session.currentAgent,
    state: session.state,
    ...(session.model !== null ? { model: session.model } : {}),
  }
}
