import type { Tool } from '../../domain/tool.ts'
import type { ToolCall } from '../../domain/tool-call.ts'
import { dispatchCall, readyCalls } from '../inputs/batch.ts'
import type { Clock } from '../ports/clock.ts'
import type { UnitOfWork } from '../ports/store.ts'
import type { Channels } from '../readers/channels.ts'
import type { Lease } from '../replicas/lease.ts'
import { Changes } from '../run/changes.ts'
import { findSession, type SessionRef } from '../sessions.ts'

export interface HandOutCommand extends SessionRef {
  /** Who asks; null for a client that names no id. All of those count as one (DESIGN 8). */
  readonly clientId: string | null
  /** Only what nobody was given yet, calls that wait for a person among them. */
  readonly onlyNew: boolean
}

/** A call that waits for its client. */
export interface OpenCall {
  readonly call: ToolCall
  /** Whether a client may be given it a second time: it changes nothing. */
  readonly repeatable: boolean
  /** When nobody is known to have it: whether it was given to nobody, or another process may have given it to somebody. */
  readonly surelyNew: boolean
}

/** The open calls of the session's turn, for the client that runs its tools; none for another. A call that somebody else approved meanwhile
 *  becomes one of them here. Nothing for an unknown session. */
export function createHandOutCalls(deps: {
  readonly store: UnitOfWork
  readonly clock: Clock
  readonly channels: Channels
  readonly tools: readonly Tool[]
  readonly lease: Lease
}) {
  return async ({ clientId, onlyNew, ...ref }: HandOutCommand): Promise<readonly OpenCall[]> => {
    const { sid, calls, events } = await deps.store.transact(async (tx) => {
      const session = await findSession(tx, ref)
      const turn = session?.turnId ? await tx.turns.get(session.turnId) : undefined
      if (!session || !turn || (turn.client?.id ?? null) !== clientId) return { sid: '', calls: [], events: [] }
      const changes = new Changes(tx, session, deps.clock.now())
      const waiting = await tx.calls.list(session.sid, 'open')
      const ready = readyCalls(turn, waiting).filter(
        ({ state, dispatchedAt }) => (state === 'open' || onlyNew) && (dispatchedAt === null || !onlyNew),
      )
      for (const call of ready) if (call.dispatchedAt === null) await dispatchCall(changes, call, deps.lease.id)
      return { sid: session.sid, calls: ready, events: await changes.store() }
    })
    if (events.length > 0) deps.channels.publish(sid, events)
    return calls.map((call) => ({
      call,
      repeatable: deps.tools.find((tool) => tool.name === call.tool)?.class === 'read',
      surelyNew: call.dispatchedAt === null || call.dispatchedBy === deps.lease.id,
    }))
  }
}
