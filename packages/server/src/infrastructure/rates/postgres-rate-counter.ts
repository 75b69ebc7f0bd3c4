import { createHash } from 'node:crypto'
import { Pool } from 'pg'
import type { Log } from '../../application/ports/log.ts'
import type { Counted, RateCounter } from '../../application/ports/rate-counter.ts'

export interface PostgresRateCounterOptions {
  readonly url: string
  /** Counts here too, and alone while the database is away. */
  readonly own: RateCounter
  readonly log: Log
}

const connections = 2
/** A request waits no longer for its count. */
const answerMs = 1_000
/** After a failure the database is left alone for so long. */
const pauseMs = 2_000
/** Requests that may wait for a connection; the others count here. */
const mostWaiting = 1_000
/** So many windows are begun for each time that old ones are removed, of which there are at most twice as many. */
const begunForSweep = 500

const now = '(extract(epoch from statement_timestamp()) * 1000)::bigint'
/** An end beyond any that this window can have was set before the clock of the database was put back. Replicas that ask at the same moment
 *  are no more apart than a statement takes. */
const counts = `windows.ends_at > ${now} and windows.ends_at <= ${now} + $2 + 10000`
/** What is counted is not worth a wait for the disk: a crash of the database may forget the last moments. */
const countOne = `insert into rate_windows as windows (key, count, ends_at)
    select $1, 1, ${now} + $2 where set_config('synchronous_commit', 'off', true) = 'off'
  on conflict (key) do update set
    count = case when ${counts} then windows.count + 1 else 1 end,
    ends_at = case when ${counts} then windows.ends_at else ${now} + $2 end
  returning count as current, ends_at - ${now} as ttl`
const sweep = `delete from rate_windows where key in (
    select key from rate_windows where ends_at < ${now} order by ends_at limit ${2 * begunForSweep} for update skip locked)`

/** What all replicas count together, by the clock of the database. On connections of its own, which are made with the first count. */
export class PostgresRateCounter implements RateCounter {
  readonly #options: PostgresRateCounterOptions
  readonly #pool: Pool
  #pausedUntil = 0
  #begun = 0
  #sweeping: Promise<void> | undefined

  constructor(options: PostgresRateCounterOptions) {
    this.#options = options
    this.#pool = new Pool({
      connectionString: options.url,
      max: connections,
      connectionTimeoutMillis: answerMs,
      query_timeout: answerMs,
      keepAlive: true,
      application_name: 'codelab rates',
    })
    this.#pool.on('error', (error) => options.log.debug('a connection to count requests on was lost', { error }))
  }

  async count(key: string, windowMs: number): Promise<Counted> {
    const own = await this.#options.own.count(key, windowMs)
    if (performance.now() < this.#pausedUntil || this.#pool.waitingCount >= mostWaiting) return own
    try {
      const { rows } = await this.#pool.query(countOne, [shortened(key), windowMs])
      const current = Number(rows[0].current)
      if (current === 1) this.#sweepSometimes()
      return { current, ttl: Math.min(Math.max(Number(rows[0].ttl), 0), windowMs) }
    } catch (error) {
      const known = performance.now() < this.#pausedUntil
      this.#pausedUntil = performance.now() + pauseMs
      if (known) return own
      this.#options.log.warn('requests are counted by this process alone: the database is away', {
        error: String(error),
      })
      return own
    }
  }

  async close(): Promise<void> {
    await this.#sweeping
    await this.#pool.end()
  }

  #sweepSometimes(): void {
    this.#begun++
    if (this.#begun < begunForSweep || this.#sweeping) return
    this.#begun = 0
    this.#sweeping = this.#pool
      .query(sweep)
      .then(
        () => {},
        (error) => this.#options.log.debug('old counts were not removed', { error }),
      )
      .finally(() => {
        this.#sweeping = undefined
      })
  }
}

/** Ids of sessions may be long, and have characters that the database does not keep. */
function shortened(key: string): string {
  return createHash('sha256').update(key).digest('base64url')
}
