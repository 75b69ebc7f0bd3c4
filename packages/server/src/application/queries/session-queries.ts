import type { Session, StoredMessage } from '../../domain/session.ts'
import type { CallPreview, ToolCall } from '../../domain/tool-call.ts'
import type { Agents } from '../agents.ts'
import type { ModelSource } from '../ports/model-source.ts'
import type { AgentSwitch, ModelUsage, SessionQuery, Transaction, UnitOfWork } from '../ports/store.ts'
import { requireSession, type SessionRef } from '../sessions.ts'

export interface SessionPage {
  readonly sessions: readonly Session[]
  readonly total: number
}

export interface History {
  readonly session: Session
  readonly messages: readonly StoredMessage[]
  readonly switches: readonly AgentSwitch[]
}

export interface ShownCall {
  readonly call: ToolCall
  /** What it would do; null when the executor gave no preview. */
  readonly preview: CallPreview | null
}

export async function withPreviews(
  tx: Transaction,
  sid: string,
  calls: readonly ToolCall[],
): Promise<readonly ShownCall[]> {
  // Only these have ever waited for a person.
  const asked = calls.filter((call) => call.approval !== null).map((call) => call.callId)
  const previews = await tx.previews.listByCalls(sid, asked)
  return calls.map((call) => ({ call, preview: previews.get(call.callId) ?? null }))
}

/** What can be asked of sessions. All but `list` throw `not_found`. */
export function createSessionQueries(deps: {
  readonly store: UnitOfWork
  readonly agents: Agents
  readonly models: ModelSource
}) {
  /** An agent that is not registered in this mode shows as the router (PROTOCOL 4.5), a model that is gone from the settings as none. */
  const shown = (session: Session): Session => ({
    ...session,
    currentAgent: deps.agents.current(session.currentAgent).name,
    model: deps.models.list().some(({ facts }) => facts.alias === session.model) ? session.model : null,
  })

  const listCalls = async (ref: SessionRef, filter: 'all' | 'open' | 'pending'): Promise<readonly ShownCall[]> =>
    await deps.store.read(async (tx) => {
      const { sid } = await requireSession(tx, ref)
      return await withPreviews(tx, sid, await tx.calls.list(sid, filter))
    })

  return {
    list: async (query: SessionQuery): Promise<SessionPage> => {
      const { sessions, total } = await deps.store.read((tx) => tx.sessions.list(query))
      return { sessions: sessions.map(shown), total }
    },

    get: async (ref: SessionRef): Promise<Session> => shown(await deps.store.read((tx) => requireSession(tx, ref))),

    /** Oldest first; all of it, or a page. */
    history: async (ref: SessionRef, page?: { readonly limit: number; readonly offset: number }): Promise<History> =>
      await deps.store.read(async (tx) => {
        const session = shown(await requireSession(tx, ref))
        return {
          session,
          messages: await tx.messages.list(session.sid, page),
          switches: await tx.switches.list(session.sid),
        }
      }),

    /** Calls that wait for a person, oldest first. */
    pendingApprovals: async (ref: SessionRef): Promise<readonly ShownCall[]> => await listCalls(ref, 'pending'),

    /** What its model calls used, by model. */
    usage: async (ref: SessionRef): Promise<readonly ModelUsage[]> =>
      await deps.store.read(async (tx) => await tx.modelCalls.usage((await requireSession(tx, ref)).sid)),

    toolCalls: async (ref: SessionRef, filter: 'all' | 'open'): Promise<readonly ShownCall[]> =>
      await listCalls(ref, filter),

    currentAgent: async (
      ref: SessionRef,
    ): Promise<{ readonly session: Session; readonly switches: readonly AgentSwitch[] }> =>
      await deps.store.read(async (tx) => {
        const session = shown(await requireSession(tx, ref))
        return { session, switches: await tx.switches.list(session.sid) }
      }),
  }
}
