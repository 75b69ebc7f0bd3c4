import { RuntimeError } from '../../domain/errors.ts'
import type { EventType } from '../../domain/event.ts'
import type { AgentFigures, AuditRow, ModelCall, ToolFigures, UnitOfWork } from '../ports/store.ts'
import type { SessionRef } from '../sessions.ts'

export interface RuntimeFigures {
  readonly switches: readonly { readonly from: string; readonly to: string; readonly count: number }[]
  readonly agents: readonly AgentFigures[]
  readonly tools: readonly ToolFigures[]
  readonly errors: readonly { readonly agent: string; readonly code: string; readonly count: number }[]
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
export function createEventQueries(deps: { readonly store: UnitOfWork }) {
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
        const session = await tx.sessions.find(ref.ownerId, ref.sessionId)
        return session ? await tx.modelCalls.list(session.sid, 'answer', modelCallLimit) : []
      })
      if (calls.length === 0) throw new RuntimeError('not_found', `No metrics found for session ${ref.sessionId}`)
      return calls
    },

    sessionsWithModelCalls: async (ownerId: string): Promise<readonly string[]> =>
      await deps.store.read((tx) => tx.statistics.sessionsWithModelCalls(ownerId)),

    /** The newest `limit` entries, oldest first. An unknown session has none. */
    audit: async (query: {
      readonly ownerId: string
      readonly sessionId?: string
      readonly types?: readonly EventType[]
      readonly limit: number
    }): Promise<readonly AuditRow[]> => {
      const { ownerId, sessionId, types = auditedTypes, limit } = query
      return await deps.store.read(async (tx) => {
        if (sessionId === undefined) return await tx.statistics.audit({ ownerId, types, limit })
        const session = await tx.sessions.find(ownerId, sessionId)
        return session ? await tx.statistics.audit({ ownerId, sid: session.sid, types, limit }) : []
      })
    },

    /** Events ever stored, and when the last one was. */
    events: async (): Promise<{ readonly total: number; readonly lastAt: number | null }> =>
      await deps.store.read((tx) => tx.statistics.events()),
  }
}
