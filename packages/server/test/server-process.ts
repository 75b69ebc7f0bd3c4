import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { onPostgres, PostgresDatabase } from './postgres/database.ts'

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
}

/** The built server as its own process, with a folder and a database of its own. Nothing of the tester's environment but PATH reaches it. */
export class ServerProcess implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'codelab-server-'))
  readonly #env: Readonly<Record<string, string>>
  #database: PostgresDatabase | undefined
  #child: ChildProcess | undefined
  #url = ''
  #output = ''

  constructor(options: ServerOptions = {}) {
    const preload = options.preload && join(import.meta.dirname, 'preload', options.preload)
    this.#env = { ...(preload && { NODE_OPTIONS: `--import=${preload}` }), ...options.env }
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
    return this.#url
  }

  /** The end of what it wrote to stdout and stderr. */
  get output(): string {
    return this.#output
  }

  /** How the last process ended; undefined while it runs. */
  get exit(): { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined {
    const child = this.#child
    if (child === undefined || (child.exitCode === null && child.signalCode === null)) return undefined
    return { code: child.exitCode, signal: child.signalCode }
  }

  async start(): Promise<void> {
    const announce = join(this.folder, 'server.json')
    rmSync(announce, { force: true })
    if (onPostgres && !this.#env['CODELAB_DATABASE_URL']) this.#database ??= await PostgresDatabase.create()
    const child = spawn(process.execPath, [launcher, 'serve'], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: this.folder,
        PORT: '0',
        CODELAB_ANNOUNCE_FILE: announce,
        ...(this.#database && { CODELAB_DATABASE_URL: this.#database.url }),
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

  /** Resolves when it has ended by itself: its exit code, or the signal that ended it. */
  async ended(): Promise<number | NodeJS.Signals | null> {
    const child = this.#child
    if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    return child?.exitCode ?? child?.signalCode ?? null
  }

  /** Ends it with a signal and waits until it is gone; its database stays. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill(signal)
    const force = setTimeout(() => child.kill('SIGKILL'), stopLimitMs)
    await gone
    clearTimeout(force)
  }

  async restart(signal?: NodeJS.Signals): Promise<void> {
    await this.stop(signal)
    await this.start()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
    await this.#database?.[Symbol.asyncDispose]()
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 })
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
