import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Client } from 'pg'
import { type Binaries, embedded } from './binaries.ts'

const run = promisify(execFile)
const startLimitMs = 60_000
/** PostgreSQL refuses to run as root. This one owns nothing. */
const nobody = 65_534

export interface PostgresOptions {
  readonly binaries?: Binaries | undefined
  /** Commits survive a loss of power, as in production. Otherwise the disk is not waited for, which tests seldom need. */
  readonly durable?: boolean
}

const undurable = ['-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'synchronous_commit=off']

/** A real PostgreSQL of one's own on a free port, in a folder that goes with it. It can be stopped, killed and started again. */
export class PostgresServer implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'codelab-postgres-'))
  readonly #settings: readonly string[]
  readonly #identity = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}
  #bin = ''
  #port = 0
  #child: ChildProcess | undefined
  #output = ''

  private constructor({ durable = false }: PostgresOptions) {
    this.#settings = durable ? [] : undurable
  }

  static async start(options: PostgresOptions = {}): Promise<PostgresServer> {
    const server = new PostgresServer(options)
    try {
      await server.#initialise(options.binaries ?? embedded())
      await server.start()
    } catch (error) {
      await server[Symbol.asyncDispose]()
      throw error
    }
    return server
  }

  /** The end of what it said. */
  get output(): string {
    return this.#output
  }

  /** The address of one of its databases. */
  url(database = 'postgres'): string {
    return `postgres://codelab@127.0.0.1:${this.#port}/${database}`
  }

  async start(): Promise<void> {
    const places = ['-D', this.#data, '-p', String(this.#port), '-h', '127.0.0.1', '-k', this.#folder]
    const bounds = ['-c', 'max_connections=200', '-c', 'shared_buffers=64MB']
    const child = spawn(join(this.#bin, 'postgres'), [...places, ...bounds, ...this.#settings], {
      cwd: this.#folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...this.#identity,
    })
    this.#child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output = (this.#output + text).slice(-20_000)
      })
    }
    const limit = Date.now() + startLimitMs
    while (!(await answers(this.url()))) {
      if (child.exitCode !== null || Date.now() > limit) throw new Error(`PostgreSQL did not start:\n${this.#output}`)
      await sleep(20)
    }
  }

  /** `fast` ends every connection and closes in order; `kill` is what a loss of power leaves. */
  async stop(how: 'fast' | 'kill' = 'fast'): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(how === 'fast' ? 'SIGINT' : 'SIGQUIT')
    await gone
  }

  /** Lets it stand still, as a machine does that swaps, or goes on. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('kill')
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }

  get #data(): string {
    return join(this.#folder, 'data')
  }

  async #initialise({ bin, tree }: Binaries): Promise<void> {
    this.#bin = tree ? copyTree(tree, join(this.#folder, 'programs')) : bin
    this.#port = await freePort()
    chmodSync(this.#folder, 0o755)
    mkdirSync(this.#data)
    if (this.#identity.uid !== undefined) {
      for (const path of [this.#folder, this.#data]) chownSync(path, nobody, nobody)
    }
    const how = [
      '--auth=trust',
      '--username=codelab',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
      '--no-instructions',
    ]
    await run(join(this.#bin, 'initdb'), ['-D', this.#data, ...how], { cwd: this.#folder, ...this.#identity })
  }
}

/** Where another user can read it: the packages may lie in a folder that only their owner may enter. Their links are made after the
 *  installation, which may be forbidden to do so: they are made here. */
function copyTree(tree: string, to: string): string {
  cpSync(tree, to, { recursive: true, filter: (path) => !path.endsWith('.a'), verbatimSymlinks: true })
  const links = join(tree, 'pg-symlinks.json')
  const wanted = existsSync(links) ? (JSON.parse(readFileSync(links, 'utf8')) as Link[]) : []
  for (const { source, target } of wanted) {
    const place = join(to, relative('native', target))
    if (!existsSync(place)) symlinkSync(join(relative(dirname(target), dirname(source)), basename(source)), place)
  }
  return join(to, 'bin')
}

interface Link {
  readonly source: string
  readonly target: string
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || !address) throw new Error('No port is free')
  return address.port
}
