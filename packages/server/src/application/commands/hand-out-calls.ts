import type { Turn } from '../../domain/session.ts'
import type { Tool } from '../../domain/tool.ts'
import type { ToolCall } from '../../domain/tool-call.ts'
import { dispatchCall, readyCalls } from '../inputs/batch.ts'
import type { Clock } from '../ports/clock.ts'
import type { UnitOfWork } from '../ports/store.ts'
import type { Channels } from '../readers/channels.ts'
import type { ConnectedClients } from '../replicas/connected-clients.ts'
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
  /** A client of another replica has it. */
  readonly heldElsewhere: boolean
}

/** The open calls of the session's turn, for the client that runs its tools; none for another. A call that somebody else approved meanwhile
 *  becomes one of them here. Nothing for an unknown session. */
export function createHandOutCalls(deps: {
  readonly store: UnitOfWork
  readonly clock: Clock
  readonly channels: Channels
  readonly tools: readonly Tool[]
  readonly lease: Lease
  readonly connected: ConnectedClients
  /** After how long a replica counts as gone; left out: there are no others. */
  readonly silentMs?: number
}) {
  const isRead = (call: ToolCall) => deps.tools.find((tool) => tool.name === call.tool)?.class === 'read'

  /** Takes it for a client of this replica, unless one of another has it. */
  async function isElsewhere(changes: Changes, turn: Turn, { callId, state, heldBy }: ToolCall): Promise<boolean> {
    const { lease, connected, silentMs } = deps
    if (silentMs === undefined || heldBy === lease.id) return false
    if (heldBy !== null && (await changes.tx.replicas.isAlive(heldBy, silentMs))) return true
    if (connected.has(changes.session, turn.client?.id ?? null))
      await changes.tx.calls.update(changes.sid, callId, state, { heldBy: lease.id })
    return false
  }

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
      const calls: OpenCall[] = []
      for (const call of ready) {
        const isNew = call.dispatchedAt === null
        if (isNew) await dispatchCall(changes, deps, turn, call)
        const repeatable = isRead(call)
        const heldElsewhere = !isNew && repeatable && (await isElsewhere(changes, turn, call))
        calls.push({ call, repeatable, surelyNew: isNew || call.dispatchedBy === deps.lease.id, heldElsewhere })
      }
      return { sid: session.sid, calls, events: await changes.store() }
    })
    if (events.length > 0) deps.channels.publish(sid, events)
    return calls
  }
}
