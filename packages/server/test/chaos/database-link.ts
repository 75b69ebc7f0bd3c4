import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** The way of one replica to its database. It can be cut, and it can go dead: nothing comes through any more and nobody is told. */
export class DatabaseLink implements AsyncDisposable {
  readonly #server: Server
  readonly #target: URL
  readonly #sockets = new Set<Socket>()
  #state: 'open' | 'cut' | 'dead' = 'open'

  private constructor(target: string) {
    this.#target = new URL(target)
    this.#server = createServer({ pauseOnConnect: true }, (socket) => this.#join(socket))
  }

  static async open(target: string): Promise<DatabaseLink> {
    const link = new DatabaseLink(target)
    link.#server.listen(0, '127.0.0.1')
    await once(link.#server, 'listening')
    return link
  }

  /** The address of the database, by this way. */
  get url(): string {
    const url = new URL(this.#target)
    url.port = String((this.#server.address() as AddressInfo).port)
    return url.href
  }

  /** Every connection breaks, and every new one too. */
  cut(): void {
    this.#state = 'cut'
    this.#drop()
  }

  /** What is open stays open, and silent. */
  die(): void {
    this.#state = 'dead'
    for (const socket of this.#sockets) socket.pause().unpipe()
  }

  /** What has been silent breaks now: a way that comes back after a while knows nothing of those who used it. */
  heal(): void {
    if (this.#state === 'dead') this.#drop()
    this.#state = 'open'
  }

  #join(socket: Socket): void {
    this.#keep(socket)
    if (this.#state === 'cut') socket.destroy()
    if (this.#state !== 'open') return
    const database = connect(Number(this.#target.port), this.#target.hostname)
    this.#keep(database)
    socket.pipe(database).pipe(socket)
    socket.once('close', () => database.destroy())
    database.once('close', () => socket.destroy())
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  #drop(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#drop()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
