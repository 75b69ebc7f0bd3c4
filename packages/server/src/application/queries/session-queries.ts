import type { AgentDefinition } from '../../domain/agent.ts'
import type { Session, StoredMessage } from '../../domain/session.ts'
import { type CallPreview, isForClient, type ToolCall } from '../../domain/tool-call.ts'
import type { Agents } from '../agents.ts'
import type { ModelSource } from '../ports/model-source.ts'
import type { AgentSwitch, ListedSession, ModelUsage, SessionQuery, Transaction, UnitOfWork } from '../ports/store.ts'
import type { SessionAgents } from '../session-agents.ts'
import { requireSession, type SessionRef } from '../sessions.ts'

export interface SessionPage {
  readonly sessions: readonly ListedSession[]
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

type Shown = Pick<Session, 'sid' | 'currentAgent' | 'model'>

/** What can be asked of sessions. All but `list` throw `not_found`. */
export function createSessionQueries(deps: {
  readonly store: UnitOfWork
  readonly agents: Agents
  readonly sessionAgents: SessionAgents
  readonly models: ModelSource
}) {
  /** An agent that is not registered in this mode shows as the router (PROTOCOL 4.5), a model that is gone from the settings as none. */
  async function shown<S extends Shown>(tx: Transaction, session: S): Promise<S> {
    const name = session.currentAgent
    const agents = deps.agents.find(name) ? deps.agents : await deps.sessionAgents.of(tx, session.sid)
    const isModel = session.model !== null && deps.models.list().some(({ facts }) => facts.alias === session.model)
    return { ...session, currentAgent: agents.current(name).name, model: isModel ? session.model : null }
  }

  const listCalls = async (ref: SessionRef, filter: 'all' | 'open' | 'pending'): Promise<readonly ShownCall[]> =>
    await deps.store.read(async (tx) => {
      const { sid } = await requireSession(tx, ref)
      const calls = await tx.calls.list(sid, filter)
      return await withPreviews(tx, sid, filter === 'all' ? calls : calls.filter(isForClient))
    })

  return {
    list: async (query: SessionQuery): Promise<SessionPage> =>
      await deps.store.read(async (tx) => {
        const { sessions, total } = await tx.sessions.list(query)
        const all: ListedSession[] = []
        for (const session of sessions) all.push(await shown(tx, session))
        return { sessions: all, total }
      }),

    get: async (ref: SessionRef): Promise<Session> =>
      await deps.store.read(async (tx) => await shown(tx, await requireSession(tx, ref))),

    /** Who can have the session: those of its workspace too. */
    agents: async (ref: SessionRef): Promise<readonly AgentDefinition[]> =>
      await deps.store.read(async (tx) => {
        const { sid } = await requireSession(tx, ref)
        return (await deps.sessionAgents.of(tx, sid)).list
      }),

    /** Oldest first; all of it, or a page. */
    history: async (ref: SessionRef, page?: { readonly limit: number; readonly offset: number }): Promise<History> =>
      await deps.store.read(async (tx) => {
        const session = await shown(tx, await requireSession(tx, ref))
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
        const session = await shown(tx, await requireSession(tx, ref))
        return { session, switches: await tx.switches.list(session.sid) }
      }),
  }
}
