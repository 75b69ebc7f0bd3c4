import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onPostgres, PostgresDatabase } from './postgres/database.ts'
import { RoundRobin } from './replicas/round-robin.ts'
import { replicasOfAll, silentMs } from './test-store.ts'

const repository = join(import.meta.dirname, '../../..')
const launcher = join(repository, 'bin/codelab.js')
// A busy machine takes its time; a server that does not start at all has ended by itself.
const startLimitMs = 120_000
const stopLimitMs = 30_000

export const internalKey = 'change-me-internal-key'

export interface ServerOptions {
  /** A module of `test/preload` that the process loads before the server. */
  readonly preload?: string
  readonly env?: Readonly<Record<string, string>>
  /** Processes behind a load balancer, over one PostgreSQL; else as CODELAB_TEST_REPLICAS says. */
  readonly replicas?: number
  /** Over PostgreSQL also where it is one process. */
  readonly postgres?: boolean
}

/** The built server as its own process, with a folder and a database of its own. With CODELAB_TEST_REPLICAS=3 it is three processes; with
 *  CODELAB_TEST_DATABASE=postgres it is one over PostgreSQL. Nothing of the tester's environment but PATH reaches it. */
export class ServerProcess implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'codelab-server-'))
  readonly #env: Readonly<Record<string, string>>
  readonly #count: number
  readonly #postgres: boolean
  #database: PostgresDatabase | undefined
  #children: readonly OneProcess[] = []
  #balancer: RoundRobin | undefined

  constructor(options: ServerOptions = {}) {
    const preload = options.preload && join(import.meta.dirname, 'preload', options.preload)
    this.#env = { ...(preload && { NODE_OPTIONS: `--import=${preload}` }), ...options.env }
    this.#count = options.replicas ?? replicasOfAll
    this.#postgres = options.postgres ?? (onPostgres || this.#count > 1)
  }

  static async start(options: ServerOptions = {}): Promise<ServerProcess> {
    const server = new ServerProcess(options)
    try {
      await server.start()
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
    return server
  }

  /** Undefined: it is a file in the folder. */
  get database(): PostgresDatabase | undefined {
    return this.#database
  }

  get url(): string {
    return this.#balancer?.url ?? this.#children[0]?.url ?? ''
  }

  /** Each by itself, in the order of their start. */
  get replicas(): readonly OneProcess[] {
    return this.#children
  }

  /** The end of what it wrote to stdout and stderr. */
  get output(): string {
    return this.#children.map(({ output }) => output).join('\n')
  }

  /** How the last process ended; undefined while it runs. */
  get exit(): ProcessEnd | undefined {
    return this.#children[0]?.exit
  }

  async start(): Promise<void> {
    if (this.#postgres && !this.#env['CODELAB_DATABASE_URL']) this.#database ??= await PostgresDatabase.create()
    const env = {
      ...(this.#database && { CODELAB_DATABASE_URL: this.#database.url }),
      CODELAB_REPLICA_SILENT_MS: String(silentMs),
      ...this.#env,
    }
    const before = this.#children
    this.#children = Array.from({ length: this.#count }, (_, index) => {
      return new OneProcess(this.folder, `server${index === 0 ? '' : index}`, env, before[index]?.output)
    })
    // The first one brings the schema up to date; the others find it so.
    for (const child of this.#children) await child.start()
    await this.#tookOver()
    if (this.#count === 1) return
    const urls = this.#children.map(({ url }) => url)
    if (this.#balancer) this.#balancer.backends = urls
    else this.#balancer = await RoundRobin.start(urls)
  }

  /** One process alone is ready when it has made good what the last one left; of several, those that are gone are known after a while. */
  async #tookOver(): Promise<void> {
    const limit = Date.now() + startLimitMs
    const alive = `select id from replicas
      where beat_at > extract(epoch from clock_timestamp()) * 1000 - ${this.#env['CODELAB_REPLICA_SILENT_MS'] ?? silentMs}`
    // One that was killed a moment ago counts as alive, and nobody takes over from it yet.
    const orphaned = `select from sessions where owner not in (${alive}) or (select count(*) from (${alive}) as all_alive) > ${this.#count} limit 1`
    while (((await this.#database?.execute(orphaned))?.length ?? 0) > 0) {
      if (Date.now() > limit) throw new Error(`nobody took over:\n${this.output}`)
      await sleep(50)
    }
  }

  /** Resolves when it has ended by itself: its exit code, or the signal that ended it. */
  async ended(): Promise<number | NodeJS.Signals | null> {
    return (await this.#children[0]?.ended()) ?? null
  }

  /** Ends it with a signal and waits until it is gone; its database stays. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop(signal)))
  }

  async restart(signal?: NodeJS.Signals): Promise<void> {
    await this.stop(signal)
    await this.start()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await this.#balancer?.[Symbol.asyncDispose]()
    await this.#database?.[Symbol.asyncDispose]()
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

export interface ProcessEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** One process of a server. */
export class OneProcess {
  readonly #folder: string
  readonly #announce: string
  readonly #env: Readonly<Record<string, string>>
  #child: ChildProcess | undefined
  #url = ''
  #output: string

  constructor(folder: string, name: string, env: Readonly<Record<string, string>>, output = '') {
    this.#folder = folder
    this.#announce = join(folder, `${name}.json`)
    this.#env = env
    this.#output = output
  }

  get url(): string {
    return this.#url
  }

  get output(): string {
    return this.#output
  }

  get exit(): ProcessEnd | undefined {
    const child = this.#child
    if (child === undefined || (child.exitCode === null && child.signalCode === null)) return undefined
    return { code: child.exitCode, signal: child.signalCode }
  }

  /** On the port that it had before, or on any free one. */
  async start(): Promise<void> {
    const announce = this.#announce
    rmSync(announce, { force: true })
    const child = spawn(process.execPath, [launcher, 'serve'], {
      cwd: this.#folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: this.#folder,
        PORT: this.#url === '' ? '0' : new URL(this.#url).port,
        CODELAB_ANNOUNCE_FILE: announce,
        ...this.#env,
      },
    })
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-20_000)
      })
    }
    const limit = Date.now() + startLimitMs
    while (!existsSync(announce)) {
      const ended = child.exitCode ?? child.signalCode
      if (ended !== null) throw new Error(`the server ended with ${ended}:\n${this.#output}`)
      if (Date.now() > limit) throw new Error(`the server did not announce itself:\n${this.#output}`)
      await sleep(15)
    }
    this.#url = readAnnouncement(announce)
  }

  async ended(): Promise<number | NodeJS.Signals | null> {
    const child = this.#child
    if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    return child?.exitCode ?? child?.signalCode ?? null
  }

  /** Sends a signal and waits for nothing. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    const force = setTimeout(() => child.kill('SIGKILL'), stopLimitMs)
    await gone
    clearTimeout(force)
  }
}

function readAnnouncement(file: string): string {
  const { url } = JSON.parse(readFileSync(file, 'utf8')) as { url: string }
  return url.replace(/\/$/, '')
}

/** An address on this machine where nothing listens. */
export async function refusedUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 1}`
}
