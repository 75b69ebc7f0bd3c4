import type { SessionEvent } from '../../domain/event.ts'
import { textOf } from '../../domain/message.ts'
import type { Session } from '../../domain/session.ts'
import type { ToolCall } from '../../domain/tool-call.ts'
import type { ModelCall, Transaction, UnitOfWork } from '../ports/store.ts'
import { requireSession, type SessionRef } from '../sessions.ts'

export interface Timeline {
  readonly session: Session
  /** Oldest first, without texts. */
  readonly events: readonly SessionEvent[]
  /** Older ones are left out. */
  readonly cut: boolean
  /** What the events are about; only where it was asked for. */
  readonly details?: TimelineDetails
}

export interface TimelineDetails {
  /** Of the turns that the events belong to, the router's too; oldest first. */
  readonly modelCalls: readonly ModelCall[]
  readonly calls: readonly ToolCall[]
  /** What began each turn. */
  readonly said: readonly { readonly turnId: string; readonly text: string }[]
}

/** What happened in a session, from its log: the newest `limit` events. Throws `not_found`. */
export function createTimeline({ store }: { readonly store: UnitOfWork }) {
  return (ref: SessionRef, limit: number, withDetails = false): Promise<Timeline> =>
    store.read(async (tx) => {
      const session = await requireSession(tx, ref)
      const events = await tx.maintenance.timeline(session.sid, limit)
      const timeline = { session, events, cut: session.lastSeq > events.length }
      return withDetails ? { ...timeline, details: await detailsOf(tx, session.sid, events) } : timeline
    })
}

async function detailsOf(tx: Transaction, sid: string, events: readonly SessionEvent[]): Promise<TimelineDetails> {
  const turns = new Set(events.map(({ turnId }) => turnId))
  const most = events.length
  const modelCalls = [
    ...(await tx.modelCalls.list(sid, 'classify', most)),
    ...(await tx.modelCalls.list(sid, 'answer', most)),
  ]
  const callIds = events.flatMap((event) => (event.type === 'tool_call.created' ? [event.facts.callId] : []))
  const first = new Map<string, string>()
  for (const event of events) {
    if (event.type !== 'message.created' || event.facts.role !== 'user' || !event.turnId) continue
    if (!first.has(event.turnId)) first.set(event.turnId, event.facts.messageId)
  }
  const texts = new Map<string, string>()
  for (const { id, parts } of await tx.messages.listByIds(sid, [...first.values()])) texts.set(id, textOf(parts))
  return {
    modelCalls: modelCalls.filter(({ turnId }) => turns.has(turnId)).sort((a, b) => a.at - b.at),
    calls: await tx.calls.listByIds(sid, callIds),
    said: [...first].map(([turnId, messageId]) => ({ turnId, text: texts.get(messageId) ?? '' })),
  }
}
