import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly text: string
  readonly body: unknown
}

/** What the server answers: a status, headers, the body in pieces, and how it ends. */
export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly pieces?: Iterable<string | Uint8Array>
  /** Between two pieces; without it they follow at once. */
  readonly pauseMs?: number
  /** `close` by default; `reset` breaks the connection, `hang` leaves it open. */
  readonly end?: 'close' | 'reset' | 'hang'
  /** Neither status nor body until the connection ends. */
  readonly silent?: boolean
}

export interface ScriptedUpstream {
  readonly url: string
  readonly requests: readonly SeenRequest[]
  /** Connections that are open now. */
  openSockets(): number
  close(): Promise<void>
}

/** A real HTTP server on the loopback that answers as the test says. */
export async function startUpstream(
  answer: (request: SeenRequest, number: number) => Reply | Promise<Reply>,
): Promise<ScriptedUpstream> {
  const requests: SeenRequest[] = []
  const sockets = new Set<object>()
  const server = createServer(async (incoming, response) => {
    const pieces: Uint8Array[] = []
    for await (const piece of incoming) pieces.push(piece)
    const text = Buffer.concat(pieces).toString('utf8')
    const { method = '', url: path = '', headers } = incoming
    const seen = { method, path, headers, text, body: text === '' ? undefined : JSON.parse(text) }
    requests.push(seen)
    await send(response, await answer(seen, requests.length))
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    openSockets: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function send(response: ServerResponse, reply: Reply): Promise<void> {
  if (reply.silent) {
    if (reply.end === 'reset') response.socket?.resetAndDestroy()
    return
  }
  response.writeHead(reply.status ?? 200, { 'content-type': 'text/event-stream; charset=utf-8', ...reply.headers })
  response.flushHeaders()
  for (const piece of reply.pieces ?? []) {
    if (response.destroyed) return
    response.write(piece)
    await (reply.pauseMs === undefined ? nextTurn() : pause(reply.pauseMs))
  }
  if (reply.end === 'reset') {
    // What was sent is to arrive before the connection breaks.
    await pause(30)
    response.socket?.resetAndDestroy()
  } else if (reply.end !== 'hang') response.end()
}

/** The bytes of `test/fixtures/streams/NAME.chunks.txt`. */
export function streamFixture(name: string): Buffer {
  return readFileSync(new URL(`../fixtures/streams/${name}.chunks.txt`, import.meta.url))
}

export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, pieces: [JSON.stringify(body)] }
}
