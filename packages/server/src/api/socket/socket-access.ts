import type { IncomingMessage } from 'node:http'
import { type Owner, service } from '../../application/index.ts'
import { isLocalName, nameOf } from '../http/browser-safety.ts'

/** Who may open a socket (DESIGN 8). `local`: without credentials, but only from this machine and not from a web page. `required`: with a key.
 *  `session-capability`: with a key, or with the id of a session that was made by somebody with a key and cannot be guessed. */
export type SocketAccess = 'local' | 'session-capability' | 'required'

export interface Handshake {
  readonly headers: IncomingMessage['headers']
  readonly sessionId: string
  /** Who its credentials name, in whatever form a handshake can carry them. */
  readonly owner: Owner | undefined
  /** The socket's other end is this machine. */
  readonly isLoopback: boolean
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/** Whose sessions the socket reaches; undefined: it is not let in. Pages of other origins were
 *  refused before. Without credentials an
 *  id that cannot be guessed opens the session that has it, whoever made it; any other id only what is the service's. */
export async function socketOwner(
  access: SocketAccess,
  { headers, sessionId, owner, isLoopback }: Handshake,
  ownerOfSession: () => Promise<string | undefined>,
): Promise<Owner | undefined> {
  if (owner) return owner
  const isLocal =
    access === 'local' && headers.origin === undefined && isLoopback && isLocalName(nameOf(headers.host) ?? '')
  if (!isLocal && access !== 'session-capability') return undefined
  const ownerId = uuid.test(sessionId) ? await ownerOfSession() : undefined
  if (ownerId !== undefined) return { ownerId }
  return isLocal ? { ownerId: service.ownerId } : undefined
}

/** The token of a handshake that cannot set headers: `?token=` or `?access_token=`, or the sub-protocols `bearer, KEY`. */
export function socketToken(headers: IncomingMessage['headers'], url: string): string | undefined {
  const query = new URLSearchParams(url.slice(url.indexOf('?') + 1 || url.length))
  const given = query.get('token') ?? query.get('access_token')
  if (given) return given
  const [scheme, token] = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  return scheme === 'bearer' && token ? token : undefined
}
