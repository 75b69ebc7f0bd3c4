import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { exchange } from '../exchange.ts'
import { internalKey } from '../server-process.ts'
import { GatewayStream } from './gateway-stream.ts'

/** `seed`: another status than 200 leaves its socket dead. `last`: it is an error frame. */
export type Revision = 'seed' | 'last'

export interface GatewayOptions {
  readonly revision: Revision
  /** The runtime, which may come back elsewhere. */
  readonly target: () => string
  /** Without a byte for this long it gives up. */
  readonly idleMs?: number
}

const prefix = '/api/v1'
const defaultIdleMs = 60_000
const health = { status: 'healthy', service: 'gateway', version: '0.1.0' }

/** What it passes on by REST (CLIENTS 2). */
const proxied: readonly (readonly [method: string, path: RegExp])[] = [
  ['GET', /^\/agents$/],
  ['GET', /^\/agents\/[^/]+\/current$/],
  ['GET', /^\/sessions$/],
  ['POST', /^\/sessions$/],
  ['GET', /^\/sessions\/[^/]+\/history$/],
  ['GET', /^\/sessions\/[^/]+\/pending-approvals$/],
  ['GET', /^\/events\/(?:metrics|stats|audit-log|metrics\/sessions|metrics\/session\/[^/]+)$/],
]

/** The Gateway that stands in front of the runtime, as a model of its two revisions: WebSocket and REST for clients, HTTP to us. */
export class Gateway implements AsyncDisposable {
  readonly url: string
  readonly #options: GatewayOptions
  readonly #server
  readonly #sockets: WebSocketServer

  private constructor(options: GatewayOptions, server: ReturnType<typeof createServer>) {
    this.#options = options
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    this.#sockets = new WebSocketServer({ server, maxPayload: 16 * 1024 * 1024 })
    server.on('request', (incoming, response) => {
      this.#rest(incoming, response).catch((error) => json(response, 500, { error: `Gateway error: ${error.message}` }))
    })
    this.#sockets.on('connection', (socket, { url = '' }) => {
      const id = /^\/api\/v1\/ws\/([^/?]+)/.exec(url)?.[1]
      if (id === undefined) return socket.terminate()
      this.#serve(socket, decodeURIComponent(id))
    })
  }

  static async start(options: GatewayOptions): Promise<Gateway> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Gateway(options, server)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate()
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #rest({ method = 'GET', url = '/' }: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = ''] = url.split('?')
    if (path === '/health' || path === `${prefix}/health`) return json(response, 200, health)
    const inner = path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : ''
    const known = proxied.filter(([, pattern]) => pattern.test(inner))
    if (known.length === 0) return json(response, 404, { detail: 'Not Found' })
    if (!known.some(([allowed]) => allowed === method)) return json(response, 405, { detail: 'Method Not Allowed' })
    // The query is dropped, and nothing else of the request is passed on.
    const headers = { 'x-internal-auth': internalKey }
    const got = await exchange(this.#options.target(), { method, path: inner, headers })
    const status = got?.status ?? 500
    if (status >= 300) return json(response, status, { error: `Agent Runtime error: ${status}` })
    json(response, 200, JSON.parse(got?.body ?? ''))
  }

  /** One frame after the other: while a turn streams it reads no further one. */
  #serve(socket: WebSocket, sessionId: string): void {
    let before: Promise<void> = Promise.resolve()
    socket.on('error', () => {})
    socket.on('message', (data) => {
      before = before.then(() => this.#take(socket, sessionId, data.toString()))
    })
  }

  async #take(socket: WebSocket, sessionId: string, text: string): Promise<void> {
    const send = (frame: object) => {
      if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame))
    }
    const read = readFrame(text)
    if ('refusal' in read) return send({ type: 'error', content: read.refusal })
    try {
      await this.#stream(JSON.stringify({ session_id: sessionId, message: read.frame }), send, socket)
    } catch (error) {
      send({ type: 'error', content: `Streaming error: ${error instanceof Error ? error.message : ''}` })
    }
  }

  async #stream(body: string, send: (frame: object) => void, socket: WebSocket): Promise<void> {
    const sent = request(`${this.#options.target()}/agent/message/stream`, {
      method: 'POST',
      agent: false,
      headers: { 'x-internal-auth': internalKey, 'content-type': 'application/json' },
    })
    const idle = setTimeout(() => sent.destroy(new Error('')), this.#options.idleMs ?? defaultIdleMs)
    try {
      sent.end(body)
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      if (response.statusCode !== 200) {
        response.resume()
        // It fails inside its own handler of failures: this socket never answers again.
        if (this.#options.revision === 'seed') return await new Promise(() => {})
        return send({ type: 'error', content: `Agent error: ${response.statusCode}` })
      }
      let isGone = false
      const stream = new GatewayStream((frame) => {
        send(frame)
        isGone = socket.readyState !== socket.OPEN
      })
      for await (const bytes of response) {
        idle.refresh()
        stream.push(bytes)
        if (stream.ended || isGone) break
      }
    } finally {
      clearTimeout(idle)
      sent.destroy()
    }
  }
}

const roles = ['user', 'assistant', 'system', 'tool']
const decisions = ['approve', 'edit', 'reject']
type Message = Readonly<Record<string, unknown>>

/** What it checks before it passes a frame on as it is (PROTOCOL 0.6). */
function readFrame(text: string): { readonly frame: Message } | { readonly refusal: string } {
  const invalid = (why: string) => ({ refusal: `Invalid JSON message: ${why}` })
  let frame: Message
  try {
    frame = JSON.parse(text)
  } catch (error) {
    return invalid(error instanceof Error ? error.message : '')
  }
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) return invalid('not an object')
  const isText = (name: string) => typeof frame[name] === 'string'
  const isOneOf = (name: string, values: readonly string[]) => values.includes(frame[name] as string)
  const checks: Readonly<Record<string, () => boolean>> = {
    user_message: () => isText('content') && isOneOf('role', roles),
    tool_result: () => isText('call_id'),
    switch_agent: () => isText('agent_type') && isText('content'),
    hitl_decision: () => isText('call_id') && isOneOf('decision', decisions),
  }
  const { type } = frame
  const check = typeof type === 'string' && Object.hasOwn(checks, type) ? checks[type] : undefined
  if (!check) return { refusal: `Unknown message type: ${type}` }
  return check() ? { frame } : invalid('validation error')
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
