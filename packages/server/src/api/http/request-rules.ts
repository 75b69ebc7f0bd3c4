import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Application, type Log, RuntimeError } from '../../application/index.ts'
import { HttpError } from '../errors.ts'
import type { ProtectionOptions } from '../options.ts'
import { allowCors, type BrowserOptions, checkHost, checkOrigin } from './browser-safety.ts'
import type { Identify } from './identity.ts'
import { isOpenPath, pathOf } from './open-paths.ts'
import type { RateLimits } from './rate-limits.ts'
import type { RouteTable } from './route-table.ts'

/** On every answer but a stream, whose head is the contract's (PROTOCOL 3.2). */
export const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const

const securityHeaderList = Object.entries(securityHeaders)

/** Refuses in the stream, and knows no 429 and no 503 (PROTOCOL 0.5). */
const streamPath = '/agent/message/stream'

/** Answers these itself while the process shuts down. */
const answeredAtShutdown: ReadonlySet<string> = new Set([
  '/health',
  '/health/live',
  '/health/ready',
  '/ready',
  streamPath,
])

/** Routes that tell of too much load, or take some away. */
const answeredUnderLoad: ReadonlySet<string | undefined> = new Set(['/metrics', '/sessions/:session_id/cancel'])

export interface RequestRules {
  readonly application: Pick<Application, 'accepting'>
  readonly identify: Identify
  readonly browsers: BrowserOptions
  readonly staticFiles: ReadonlySet<string>
  readonly routes: RouteTable
  readonly limits: RateLimits
  readonly overloaded: ProtectionOptions['overloaded']
  readonly log: Log
  /** Called once for every request, when it is over. */
  readonly onClose: (request: FastifyRequest) => void
}

/** What holds for every request, in this order: its id and its line in the log, by which name it is called, who asks (before routing, before the body is read),
 *  superfluous slashes, the end of the process, the rate of who asks, too much load. */
export function addRequestRules(app: FastifyInstance, rules: RequestRules): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    reply.raw.once('close', () => {
      rules.onClose(request)
      logRequest(rules.log, request, reply)
    })
    const path = pathOf(request.url)
    const asksForSocket = isSocket(path, request)
    // A refused handshake is the last thing on its connection, which the HTTP server has given up already.
    if (asksForSocket) reply.raw.once('finish', () => request.raw.socket.destroySoon())
    checkHost(request, rules.browsers)
    if (allowCors(request, reply, rules.browsers)) return reply.send()
    const isOpen = isOpenPath(path, rules.staticFiles) || asksForSocket
    if (!isOpen) request.principal = (await rules.identify(request.raw)) ?? null
    if (!isOpen && !request.principal) {
      const refusal = path === streamPath ? undefined : await rules.limits.ofStranger(request)
      if (refusal) throw refusal
      return refuseUnauthorized(reply)
    }
    checkOrigin(request, rules.browsers, asksForSocket)
    const location = withoutSlash(request.url, rules.routes)
    if (location !== undefined) return reply.code(307).header('location', location).send()
    if (!rules.application.accepting && !answeredAtShutdown.has(path)) throw shuttingDown()
    if (isOpen || path === streamPath) return
    const refusal = await rules.limits.ofKey(request, reply)
    if (refusal) throw refusal
    if (rules.overloaded() && !answeredUnderLoad.has(request.routeOptions.url)) throw overloaded()
  })
  let closing = false
  app.addHook('preClose', (next) => {
    closing = true
    next()
  })
  app.addHook('onSend', (_request, reply, payload, next) => {
    // A connection that stayed open after its last answer would hold up the end of the process.
    if (closing) reply.header('connection', 'close')
    for (const [name, value] of securityHeaderList) {
      if (!reply.hasHeader(name)) reply.header(name, value)
    }
    // The contract's own spelling; JSON is UTF-8 in any case.
    if (reply.getHeader('content-type') === 'application/json; charset=utf-8') {
      reply.header('content-type', 'application/json')
    }
    next(null, payload)
  })
  app.setNotFoundHandler((request) => {
    const allowed = rules.routes.methodsOf(pathOf(request.url))
    if (allowed.length === 0) throw new HttpError(404, 'not_found', 'Not Found')
    throw new HttpError(405, 'invalid_input', 'Method Not Allowed', { allow: allowed.join(', ') })
  })
}

/** Exactly this body, whatever is wrong with the key (PROTOCOL 1.2). */
export function refuseUnauthorized(reply: FastifyReply): FastifyReply {
  return reply.code(401).type('application/json').send('{"detail":"unauthorized"}')
}

/** Its own handshake says who may open it. */
function isSocket(path: string, { headers }: FastifyRequest): boolean {
  return path.startsWith('/ws/') && headers.upgrade?.toLowerCase() === 'websocket'
}

function withoutSlash(url: string, routes: RouteTable): string | undefined {
  const path = pathOf(url)
  if (!path.endsWith('/')) return undefined
  const bare = path.replace(/\/+$/, '')
  if (bare === '' || routes.methodsOf(bare).length === 0) return undefined
  return bare + url.slice(path.length)
}

function shuttingDown(): RuntimeError {
  return new RuntimeError('shutting_down', 'The server is shutting down', {
    details: { hint: 'Try again in a few seconds.', retryAfterMs: 5_000 },
  })
}

export function overloaded(): RuntimeError {
  return new RuntimeError('overloaded', 'The server has too much to do', {
    details: { hint: 'Try again in a few seconds.', retryAfterMs: 5_000 },
  })
}

/** One line for each request; never a body or a key. */
function logRequest(log: Log, request: FastifyRequest, reply: FastifyReply): void {
  const sessionId = sessionIdOf(request)
  log.info('request', {
    request_id: request.id,
    method: request.method,
    route: request.routeOptions.url ?? 'none',
    status: reply.raw.statusCode,
    ms: Math.round(reply.elapsedTime),
    ...(sessionId === undefined ? {} : { session_id: sessionId }),
  })
}

function sessionIdOf(request: FastifyRequest): string | undefined {
  for (const part of [request.params, request.body]) {
    if (typeof part !== 'object' || part === null || !('session_id' in part)) continue
    const { session_id: id } = part
    if (typeof id === 'string' && id !== '') return id.slice(0, 255)
  }
  return undefined
}
