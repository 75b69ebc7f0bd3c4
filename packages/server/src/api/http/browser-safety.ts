import type { FastifyReply, FastifyRequest } from 'fastify'
import { RuntimeError } from '../../application/index.ts'
import { pathOf } from './open-paths.ts'

/** What web pages may do. */
export interface BrowserOptions {
  /** Names that the server is called by, beside those of this machine, in lower case; null: any. */
  readonly hosts: readonly string[] | null
  /** Origins whose pages may call it, beside its own. */
  readonly origins: readonly string[]
}

/** A probe calls a server by its address. */
const probed: ReadonlySet<string> = new Set(['/health', '/health/live', '/health/ready', '/ready'])
const reading: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

const allowedMethods = 'GET, HEAD, POST, PATCH, DELETE'
const allowedHeaders =
  'authorization, content-type, idempotency-key, last-event-id, x-codelab-features, x-codelab-user, x-internal-auth, x-request-id'
const exposedHeaders = 'retry-after, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, x-request-id'
const preflightSeconds = 600

/** Whether the server is called by one of its names. A page whose name was made to point at this machine (DNS rebinding) calls it by another.
 *  Throws `forbidden`. */
export function checkHost(request: FastifyRequest, { hosts }: BrowserOptions): void {
  if (hosts === null || probed.has(pathOf(request.url))) return
  const name = nameOf(request.headers.host)
  if (name !== undefined && (isLocalName(name) || hosts.includes(name))) return
  throw new RuntimeError('forbidden', 'This server is not called by that name', {
    details: { hint: 'Add the name to CODELAB_ALLOWED_HOSTS, or call it by localhost.' },
  })
}

/** Whether a change, or a socket, is asked for by a page of this server or of an origin that may. A program sends no `Origin`. Throws
 *  `forbidden`. */
export function checkOrigin({ headers, method }: FastifyRequest, { origins }: BrowserOptions, isSocket: boolean): void {
  const { origin } = headers
  if (origin === undefined || (reading.has(method) && !isSocket)) return
  if (isSameHost(origin, headers.host) || origins.includes(origin)) return
  throw new RuntimeError('forbidden', 'Pages of that origin may not do this', {
    details: { hint: 'Add the origin to CODELAB_CORS_ORIGINS.' },
  })
}

/** Lets pages of the origins that may read the answer. True: it was asked whether they may, and is answered. */
export function allowCors(request: FastifyRequest, reply: FastifyReply, { origins }: BrowserOptions): boolean {
  if (origins.length === 0) return false
  reply.raw.setHeader('vary', 'Origin')
  const { origin } = request.headers
  if (origin === undefined || !origins.includes(origin)) return false
  reply.raw.setHeader('access-control-allow-origin', origin)
  if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) {
    reply.raw.setHeader('access-control-expose-headers', exposedHeaders)
    return false
  }
  reply.code(204).headers({
    'access-control-allow-methods': allowedMethods,
    'access-control-allow-headers': allowedHeaders,
    'access-control-max-age': preflightSeconds,
  })
  return true
}

/** Names that no DNS answer can forge. */
export function isLocalName(name: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i.test(name)
}

/** Without its port, in lower case. */
export function nameOf(host: string | undefined): string | undefined {
  return /^(\[[\da-f:.]+\]|[^:[\]]+)(?::\d+)?$/i.exec(host ?? '')?.[1]?.toLowerCase()
}

export function isSameHost(origin: string, host: string | undefined): boolean {
  try {
    return host !== undefined && new URL(origin).host === host.toLowerCase()
  } catch {
    return false
  }
}
