import type { Session } from '../../domain/session.ts'
import type { SessionRef } from '../sessions.ts'

interface Connection {
  readonly ref: SessionRef
  readonly clientId: string | null
}

/** Clients that are connected to this process for longer than one request, and may run the tools of a session. */
export class ConnectedClients {
  readonly #bySessionId = new Map<string, Set<Connection>>()

  /** Gives what is to be called when it has left. */
  enter(connection: Connection): () => void {
    const { sessionId } = connection.ref
    const connections = this.#bySessionId.get(sessionId) ?? new Set()
    this.#bySessionId.set(sessionId, connections.add(connection))
    return () => {
      connections.delete(connection)
      if (connections.size === 0 && this.#bySessionId.get(sessionId) === connections)
        this.#bySessionId.delete(sessionId)
    }
  }

  has(session: Pick<Session, 'ownerId' | 'externalId'>, clientId: string | null): boolean {
    for (const { ref, clientId: id } of this.#bySessionId.get(session.externalId) ?? [])
      if (id === clientId && (ref.seesAll || ref.ownerId === session.ownerId)) return true
    return false
  }
}
