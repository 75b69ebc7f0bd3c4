import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StrictUpstream } from '../crash/strict-upstream.ts'
import { PostgresDatabase } from '../postgres/database.ts'
import { PostgresServer } from '../postgres/server.ts'
import { RoundRobin } from '../replicas/round-robin.ts'
import { OneProcess } from '../server-process.ts'
import { DatabaseLink } from './database-link.ts'

const usualSilentMs = 5_000
const settleLimitMs = 60_000

/** Three built servers behind a load balancer, each with a way of its own to a PostgreSQL that nobody else uses. The model knows each by the
 *  path that it asks. */
export class Cluster implements AsyncDisposable {
  readonly postgres: PostgresServer
  readonly database: PostgresDatabase
  readonly replicas: readonly OneProcess[]
  readonly links: readonly DatabaseLink[]
  /** After which a replica is given up. */
  readonly silentMs: number
  readonly #folder: string
  #balancer: RoundRobin | undefined

  private constructor(
    parts: Pick<Cluster, 'postgres' | 'database' | 'links'> & { upstream: StrictUpstream },
    env: Readonly<Record<string, string>>,
  ) {
    this.postgres = parts.postgres
    this.database = parts.database
    this.links = parts.links
    this.silentMs = Number(env['CODELAB_REPLICA_SILENT_MS'] ?? usualSilentMs)
    this.#folder = mkdtempSync(join(tmpdir(), 'codelab-chaos-'))
    this.replicas = parts.links.map((link, index) => {
      return new OneProcess(this.#folder, `replica${index}`, {
        ...parts.upstream.env,
        OPENAI_BASE_URL: `${parts.upstream.url}/${index}/v1`,
        CODELAB_DATABASE_URL: link.url,
        CODELAB_REPLICA_SILENT_MS: String(this.silentMs),
        CODELAB_LOG_LEVEL: 'warn',
        ...env,
      })
    })
  }

  static async start(upstream: StrictUpstream, env: Readonly<Record<string, string>> = {}): Promise<Cluster> {
    const postgres = await PostgresServer.start({ durable: true })
    const database = await PostgresDatabase.create(postgres.url())
    const links = await Promise.all([0, 1, 2].map(() => DatabaseLink.open(database.url)))
    const cluster = new Cluster({ postgres, database, links, upstream }, env)
    try {
      for (const replica of cluster.replicas) await replica.start()
      cluster.#balancer = await RoundRobin.start(cluster.replicas.map(({ url }) => url))
    } catch (error) {
      await cluster[Symbol.asyncDispose]()
      throw error
    }
    return cluster
  }

  get url(): string {
    return this.#balancer?.url ?? ''
  }

  get output(): string {
    const said = this.replicas.map(({ output }, index) => `replica ${index}:\n${output.slice(-5_000)}`)
    return [...said, `PostgreSQL:\n${this.postgres.output.slice(-5_000)}`].join('\n')
  }

  /** Which replica a model call came from. */
  static askedBy(path: string): number {
    return Number(/^\/(\d)\//.exec(path)?.[1] ?? 0)
  }

  /** Resolves when every replica works and no session is worked on. Throws when that does not come. */
  async settled(): Promise<void> {
    const limit = performance.now() + settleLimitMs
    for (;;) {
      const left = await this.#unsettled()
      if (left === undefined) return
      if (performance.now() > limit) throw new Error(`after ${settleLimitMs} ms: ${left}\n${this.output}`)
      await sleep(100)
    }
  }

  async #unsettled(): Promise<string | undefined> {
    for (const [index, { url }] of this.replicas.entries()) {
      const ready = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined)
      if (ready?.status !== 200) return `replica ${index} is not ready: ${ready?.status}`
    }
    const busy = await this.database.execute(`select external_id, state, owner from sessions
      where state = 'running' or owner is not null limit 1`)
    const waiting = await this.database.execute(`select id from inputs where state = 'waiting' limit 1`)
    return busy[0] ? `a session is stuck: ${JSON.stringify(busy[0])}` : waiting[0] && 'an input is stuck in line'
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const replica of this.replicas) replica.signal('SIGCONT')
    await Promise.all(this.replicas.map((replica) => replica.stop('SIGKILL')))
    await this.#balancer?.[Symbol.asyncDispose]()
    await Promise.all(this.links.map((link) => link[Symbol.asyncDispose]()))
    await this.postgres[Symbol.asyncDispose]()
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 })
  }
}
