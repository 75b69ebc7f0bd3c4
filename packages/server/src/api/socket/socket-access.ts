import type { IncomingMessage } from 'node:http'

/** Who may open a socket (DESIGN 8). `local`: without credentials, but only from this machine and not from a web page. `required`: the key.
 *  `session-capability`: the key, or the id of a session that was made by somebody with the key and cannot be guessed. */
export type SocketAccess = 'local' | 'session-capability' | 'required'

export interface Handshake {
  readonly headers: IncomingMessage['headers']
  readonly sessionId: string
  /** It carries the key, in whatever form a handshake can. */
  readonly hasKey: boolean
  /** The socket's other end is this machine. */
  readonly isLoopback: boolean
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/** Whether the handshake is let in. A web page cannot set the key's header, so one with an `Origin` of another host is refused whatever
 *  else it carries: that is a page somewhere that talks to a server on the person's machine. */
export async function maySocket(
  access: SocketAccess,
  { headers, sessionId, hasKey, isLoopback }: Handshake,
  sessionExists: () => Promise<boolean>,
): Promise<boolean> {
  if (headers.origin !== undefined && !sameHost(headers.origin, headers.host)) return false
  if (hasKey) return true
  if (access === 'local') return headers.origin === undefined && isLoopback && isLocalName(headers.host)
  if (access === 'session-capability') return uuid.test(sessionId) && (await sessionExists())
  return false
}

/** `Host` as a browser that was sent to a made-up name by a forged DNS answer would not send it. */
function isLocalName(host: string | undefined): boolean {
  return host !== undefined && /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i.test(host)
}

function sameHost(origin: string, host: string | undefined): boolean {
  try {
    return host !== undefined && new URL(origin).host === host.toLowerCase()
  } catch {
    return false
  }
}

/** The key of a handshake: its header, `?token=` or `?access_token=`, or the sub-protocols `bearer, KEY`. */
export function socketToken(headers: IncomingMessage['headers'], url: string): string | undefined {
  const query = new URLSearchParams(url.slice(url.indexOf('?') + 1 || url.length))
  const given = query.get('token') ?? query.get('access_token')
  if (given) return given
  const bearer = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1]
  if (bearer !== undefined) return bearer
  const [scheme, token] = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
  return scheme === 'bearer' && token ? token : undefined
}
