import { RuntimeError } from '../../domain/errors.ts'
import type { EventType } from '../../domain/event.ts'
import type { Owner } from '../../domain/owner.ts'
import type { DeadLetter, EventHandlers, Replayed } from '../ports/handlers.ts'
import type { AgentFigures, AuditRow, ModelCall, ToolFigures, UnitOfWork } from '../ports/store.ts'
import { findSession, type SessionRef } from '../sessions.ts'

export interface RuntimeFigures {
  readonly switches: readonly { readonly from: string; readonly to: string; readonly count: number }[]
  readonly agents: readonly AgentFigures[]
  readonly tools: readonly ToolFigures[]
  readonly errors: readonly { readonly agent: string; readonly code: string; readonly count: number }[]
}

export interface EventFigures {
  /** Events ever stored. */
  readonly total: number
  readonly lastAt: number | null
  /** Counted per handler per event (PROTOCOL 8.6). */
  readonly handled: number
  readonly failed: number
}

export interface HandlerLags {
  readonly deadLetters: number
  readonly lags: readonly { readonly handler: string; readonly events: number }[]
}

/** Model calls of a session that are shown one by one; the sums are over these. */
const modelCallLimit = 1000

const auditedTypes: readonly EventType[] = [
  'agent.switched',
  'approval.requested',
  'approval.decided',
  'run.ended',
  'tool_result.created',
]

/** Metrics and audit, read from what is stored: a restart loses none of it. */
export function createEventQueries(deps: { readonly store: UnitOfWork; readonly handlers?: EventHandlers }) {
  return {
    figures: async (ownerId: string): Promise<RuntimeFigures> =>
      await deps.store.read(async ({ statistics }) => ({
        switches: await statistics.switches(ownerId),
        agents: await statistics.agents(ownerId),
        tools: await statistics.tools(ownerId),
        errors: await statistics.errors(ownerId),
      })),

    /** Oldest first, without the routing calls. Throws `not_found` when the session has called no model. */
    modelCalls: async (ref: SessionRef): Promise<readonly ModelCall[]> => {
      const calls = await deps.store.read(async (tx) => {
        const session = await findSession(tx, ref)
        return session ? await tx.modelCalls.list(session.sid, 'answer', modelCallLimit) : []
      })
      if (calls.length === 0) throw new RuntimeError('not_found', `No metrics found for session ${ref.sessionId}`)
      return calls
    },

    sessionsWithModelCalls: async (ownerId: string): Promise<readonly string[]> =>
      await deps.store.read((tx) => tx.statistics.sessionsWithModelCalls(ownerId)),

    /** The newest `limit` entries, oldest first. An unknown session has none. */
    audit: async (
      query: Owner & { readonly sessionId?: string; readonly types?: readonly EventType[]; readonly limit: number },
    ): Promise<readonly AuditRow[]> => {
      const { sessionId, types = auditedTypes, limit } = query
      return await deps.store.read(async (tx) => {
        if (sessionId === undefined) return await tx.statistics.audit({ ownerId: query.ownerId, types, limit })
        const session = await findSession(tx, { ...query, sessionId })
        if (!session) return []
        return await tx.statistics.audit({ ownerId: session.ownerId, sid: session.sid, types, limit })
      })
    },

    /** What was stored, and how its handlers did. */
    events: async (): Promise<EventFigures> => {
      await deps.handlers?.caughtUp()
      return await deps.store.read(async (tx) => {
        const progress = await tx.handlers.progress()
        const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0)
        return {
          ...(await tx.statistics.events()),
          handled: sum(progress.map(({ handled }) => handled)),
          failed: sum(progress.map(({ failed }) => failed)),
        }
      })
    },

    /** Events that a handler could not take, oldest first, and how many there are. */
    deadLetters: async (limit: number): Promise<{ readonly letters: readonly DeadLetter[]; readonly total: number }> =>
      await deps.store.read(async ({ handlers }) => ({
        letters: await handlers.deadLetters({ limit }),
        total: await handlers.countDeadLetters(),
      })),

    /** Gives one dead letter, or the oldest 1,000, to their handlers again. Throws `not_found`. */
    replay: async (id?: number): Promise<Replayed> => {
      if (!deps.handlers) throw new RuntimeError('not_found', 'No event handlers run here')
      return await deps.handlers.replay(id)
    },

    /** How far behind the log each handler is, in events. */
    handlerLags: async (): Promise<HandlerLags> =>
      await deps.store.read(async ({ handlers }) => {
        const last = await handlers.lastPosition()
        return {
          deadLetters: await handlers.countDeadLetters(),
          lags: (await handlers.progress()).map(({ handler, position }) => ({ handler, events: last - position })),
        }
      }),
  }
}
