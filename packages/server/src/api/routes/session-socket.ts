import { SessionId } from '@codelab/protocol'
import websocket from '@fastify/websocket'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import { RuntimeError, service } from '../../application/index.ts'
import { HttpError } from '../errors.ts'
import { hasCredentials, ownerOf, principalOf } from '../http/identity.ts'
import { isLoopbackAddress } from '../http/loopback-address.ts'
import { Places } from '../http/places.ts'
import { overloaded, refuseUnauthorized } from '../http/request-rules.ts'
import { Deliveries } from '../socket/deliveries.ts'
import { FramesInWork } from '../socket/frames-in-work.ts'
import { SessionSocket } from '../socket/session-socket.ts'
import { socketOwner, socketToken } from '../socket/socket-access.ts'
import { SocketWriter } from '../socket/socket-writer.ts'
import { readClientProfile } from '../stream/client-profile.ts'
import type { RouteDeps } from './route-deps.ts'

/** The Gateway's own frame is 16 MiB (DESIGN 8). */
const frameLimit = 17 * 1024 * 1024
const pingMs = 20_000
const mostSockets = 10_000
/** Of one address, without credentials. Behind a proxy a whole team has the same one; this machine needs none. */
const mostStrangeSockets = 1_000
/** How long a peer has to answer a close before it is cut. */
const closeMs = 1_000
const closeCodes = { restart: 1012, overload: 1013 } as const

/** `/api/v1/ws/{session_id}` and its alias `/ws/{session_id}` (CLIENTS 3). */
export function addSessionSocketRoute(app: FastifyInstance, deps: RouteDeps): void {
  const { application, options, limits, identify, access } = deps
  const { log, drainMs, protection, requestId, socketAccess } = options
  const deliveries = new Deliveries()
  const frames = new FramesInWork()
  const mostOfAddress = socketAccess === 'local' ? mostSockets : mostStrangeSockets
  const places = new Places(({ anonymous }) => (anonymous ? mostOfAddress : protection.maxStreamsPerUser))
  const agents = application.agents.map((agent) => agent.name)

  app.register(websocket, {
    options: {
      maxPayload: frameLimit,
      // The first that is asked for, so that `bearer, KEY` is answered with `bearer`.
      handleProtocols: (protocols: Set<string>) => protocols.values().next().value ?? false,
    },
    // The socket closes itself, with the code that says why.
    errorHandler: () => {},
    preClose(done) {
      const { clients } = this.websocketServer
      for (const socket of clients) socket.close(closeCodes.restart, 'restart')
      const cut = setTimeout(() => {
        for (const socket of clients) socket.terminate()
      }, closeMs)
      this.websocketServer.close(() => clearTimeout(cut))
      done()
    },
  })
  app.register(async (scope) => {
    scope.route({
      method: 'GET',
      url: '/ws/:session_id',
      schema: { hide: true },
      handler: () => {
        throw new HttpError(404, 'not_found', 'Here is a WebSocket: connect with ws:// or wss://')
      },
      wsHandler: (socket, request) => serve(socket, request),
      onRequest: async (request, reply) => {
        const { session_id: sessionId } = request.params as { session_id: string }
        if (!SessionId.safeParse(sessionId).success) return refuseUnauthorized(reply)
        const { headers, ip, originalUrl, raw } = request
        const token = socketToken(headers, originalUrl)
        const principal = await identify(raw, token)
        if (!principal && hasCredentials(raw, token)) return refuseUnauthorized(reply)
        const handshake = { headers, sessionId, owner: principal?.owner, isLoopback: isLoopbackAddress(ip) }
        const owner = await socketOwner(socketAccess, handshake, () => ownerOfSession(sessionId))
        if (!owner) return refuseUnauthorized(reply)
        request.principal = principal ?? { kind: 'person', owner, id: `address ${ip}`, anonymous: true }
      },
    })
  })

  /** Undefined: there is no such session. */
  async function ownerOfSession(sessionId: string): Promise<string | undefined> {
    try {
      return (await application.sessions.get({ ...service, sessionId })).ownerId
    } catch (thrown) {
      if (RuntimeError.from(thrown).code === 'not_found') return undefined
      throw thrown
    }
  }

  async function serve(socket: WebSocket, request: FastifyRequest): Promise<void> {
    if (app.websocketServer.clients.size > mostSockets) return socket.close(closeCodes.overload, 'too many sockets')
    const leave = places.take(principalOf(request))
    if (!leave) return socket.close(closeCodes.overload, 'too many sockets of one person')
    socket.once('close', leave)
    const { session_id: sessionId } = request.params as { session_id: string }
    const { features } = request.query as { features?: string }
    const writer = new SocketWriter(socket, { pingMs, drainMs })
    const client = readClientProfile({
      client: undefined,
      featureLists: [features, header(request.headers['x-codelab-features'])],
    })
    const admit = async (kind: 'turn' | 'answer') => {
      const refusal = await limits.ofSession(request)
      return refusal ?? (kind === 'turn' && protection.overloaded() ? overloaded() : undefined)
    }
    const connection = new SessionSocket(
      { application, log, deliveries, frames, admit, requestId, agents },
      { ...ownerOf(request), sessionId },
      writer,
      client,
    )
    const unwatch = access.watch(principalOf(request), (why) => connection.end(why))
    socket.once('close', unwatch)
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) return socket.close(1003, 'text frames only')
      void connection.take(data)
    })
    await connection.open()
  }
}

function header(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(',') : value
}
