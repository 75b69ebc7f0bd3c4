import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

/** A load balancer in front of servers: each request, and each WebSocket, goes to the next of them. It knows nothing of sessions. */
export class RoundRobin implements AsyncDisposable {
  #backends: readonly URL[]
  #turn = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(backends: readonly string[]) {
    this.#backends = backends.map((url) => new URL(url))
    this.#server = createServer((incoming, outgoing) => this.#pass(incoming, outgoing, 0))
    this.#server.on('upgrade', (incoming, socket: Socket, head) => this.#upgrade(incoming, socket, head))
    this.#server.on('connection', (socket) => this.#keep(socket))
    this.#server.requestTimeout = 0
    this.#server.keepAliveTimeout = 0
  }

  static async start(backends: readonly string[]): Promise<RoundRobin> {
    const proxy = new RoundRobin(backends)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  set backends(urls: readonly string[]) {
    this.#backends = urls.map((url) => new URL(url))
  }

  #next(): URL {
    const backend = this.#backends[this.#turn++ % this.#backends.length]
    if (!backend) throw new Error('There is no server behind the load balancer')
    return backend
  }

  /** What a server refuses to connect to goes to the next one, as every load balancer does it; nothing that was sent is sent twice. */
  #pass(incoming: IncomingMessage, outgoing: ServerResponse, refused: number): void {
    const { hostname, port } = this.#next()
    const { method = 'GET', url: path = '/', rawHeaders } = incoming
    // Else it would be told that its connection ends with the answer, and say so to the client.
    const headers = [...rawHeaders, ...('connection' in incoming.headers ? [] : ['connection', 'keep-alive'])]
    const passed = request({ hostname, port, method, path, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      outgoing.flushHeaders()
      answer.pipe(outgoing)
      answer.on('error', () => outgoing.destroy())
    })
    passed.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' && refused < this.#backends.length) this.#pass(incoming, outgoing, refused + 1)
      else if (outgoing.headersSent) outgoing.destroy()
      else outgoing.writeHead(502, { 'content-type': 'application/json' }).end('{"detail":"no server"}')
    })
    outgoing.on('close', () => passed.destroy())
    passed.on('socket', (socket) => socket.once('connect', () => incoming.pipe(passed)))
  }

  #upgrade(incoming: IncomingMessage, socket: Socket, head: Buffer): void {
    const { hostname, port } = this.#next()
    const backend = connect(Number(port), hostname, () => {
      const lines = [`${incoming.method} ${incoming.url} HTTP/1.1`]
      for (const [name, value] of pairs(incoming.rawHeaders)) lines.push(`${name}: ${value}`)
      backend.write(`${lines.join('\r\n')}\r\n\r\n`)
      backend.write(head)
      socket.pipe(backend).pipe(socket)
    })
    this.#keep(backend)
    for (const [one, other] of [
      [socket, backend],
      [backend, socket],
    ] as const) {
      one.on('error', () => other.destroy())
      one.on('close', () => other.destroy())
    }
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

function pairs(rawHeaders: readonly string[]): [string, string][] {
  return Array.from({ length: rawHeaders.length / 2 }, (_, i) => [rawHeaders[2 * i] ?? '', rawHeaders[2 * i + 1] ?? ''])
}
