import type { Log } from '../ports/log.ts'
import type { UnitOfWork } from '../ports/store.ts'
import type { ConnectedClients } from '../replicas/connected-clients.ts'
import type { Lease } from '../replicas/lease.ts'
import { findSession, type SessionRef } from '../sessions.ts'

/** A client is connected here as long as `left` has not fired. Calls that it may have are given to no other meanwhile, on no replica. */
export function createConnectClient(deps: {
  readonly store: UnitOfWork
  readonly connected: ConnectedClients
  readonly lease: Lease
  /** Left out: there are no other replicas, which would have to know. */
  readonly silentMs?: number
  readonly log: Log
}) {
  const { store, connected, lease, silentMs, log } = deps

  async function letGo(ref: SessionRef, clientId: string | null): Promise<void> {
    await store.transact(async (tx) => {
      const session = await findSession(tx, ref)
      const turn = session?.turnId ? await tx.turns.get(session.turnId) : undefined
      if (!session || !turn || (turn.client?.id ?? null) !== clientId || connected.has(session, clientId)) return
      for (const { callId, state, heldBy } of await tx.calls.list(session.sid, 'open'))
        if (heldBy === lease.id) await tx.calls.update(session.sid, callId, state, { heldBy: null })
    })
  }

  return (ref: SessionRef, clientId: string | null, left: AbortSignal): void => {
    const leave = connected.enter({ ref, clientId })
    const end = () => {
      leave()
      if (silentMs === undefined) return
      letGo(ref, clientId).catch((error) => log.debug('others do not know that a client has left', { error }))
    }
    if (left.aborted) end()
    else left.addEventListener('abort', end, { once: true })
  }
}
