import { AsyncLocalStorage } from 'node:async_hooks'
import { sql } from 'kysely'
import type { Pool, PoolClient } from 'pg'
import type { Clock } from '../../../application/ports/clock.ts'
import type { Committed, Transaction, UnitOfWork } from '../../../application/ports/store.ts'
import { RuntimeError } from '../../../domain/errors.ts'
import type { Engine } from '../sql/engine.ts'
import { createTransaction } from '../sql/transaction.ts'
import { kyselyOver, UnitConnection } from './connection.ts'
import { away, busy, isConnectionError, StaleConnection, storageError, triesFor } from './errors.ts'
import { LogEnd } from './log-end.ts'

const mostWaiting = 10_000
/** As many turns of one person may end at once, and each holds its row to the end of its unit. */
const usageParts = 16
const databaseNow = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`
const lockWaitMs = 5_000
/** How long PostgreSQL keeps the locks of a process that stands still, or whose connection is dead, in the middle of a unit. */
const idleMs = 10_000
const doubtRetryMs = 100

type Mode = 'write' | 'read'

export interface PostgresUnitOfWorkOptions {
  readonly pool: Pool
  readonly durability: 'full' | 'normal'
  readonly statementMs: number
  readonly prepares: boolean
  /** How long it is asked what became of a commit whose answer was lost. */
  readonly doubtMs: number
  readonly clock: Clock
}

interface Attempt<T> {
  readonly mode: Mode
  readonly work: (tx: Transaction) => Promise<T>
}

/**
 * Units of work on a bounded number of connections, side by side. Those of one session come one after the other: a unit that writes takes
 * the row of its session when it reads it, and what it reads after that is what the unit before has left. All that a unit relies on is said
 * at its beginning, so that a pooler may give it any connection.
 */
export class PostgresUnitOfWork implements UnitOfWork {
  readonly #options: PostgresUnitOfWorkOptions
  readonly #scope = new AsyncLocalStorage<{ open: boolean }>()
  readonly #logEnd = new LogEnd()
  readonly #begin: Readonly<Record<Mode, string>>
  readonly #engine = { write: this.#engineOf('write'), read: this.#engineOf('read') }
  #waiting = 0
  #closed = false

  constructor(options: PostgresUnitOfWorkOptions) {
    this.#options = options
    const bounds = `set local statement_timeout = ${options.statementMs}; set local idle_in_transaction_session_timeout = ${idleMs}`
    this.#begin = {
      write: `begin isolation level read committed read write; ${bounds}; set local lock_timeout = ${lockWaitMs}; set local synchronous_commit = ${
        options.durability === 'full' ? 'on' : 'off'
      }; select pg_current_xact_id()::text as xid`,
      // Whatever it reads is of one moment.
      read: `begin isolation level repeatable read read only; ${bounds}`,
    }
  }

  async transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return await this.#carryOut({ mode: 'write', work })
  }

  /** A commit is durable when it returns. */
  async commit<T>(work: (tx: Transaction) => Promise<T>): Promise<Committed<T>> {
    return { value: await this.transact(work), durable: Promise.resolve() }
  }

  async read<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return await this.#carryOut({ mode: 'read', work })
  }

  /** Later units are refused. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#options.pool.end()
  }

  async #carryOut<T>(attempt: Attempt<T>): Promise<T> {
    if (this.#scope.getStore()?.open) {
      throw new RuntimeError('internal', 'A unit of work was asked for inside another one')
    }
    if (this.#closed) throw new RuntimeError('storage_unavailable', 'The database is closed.')
    if (this.#waiting >= mostWaiting) throw busy()
    this.#waiting += 1
    try {
      for (let count = 1; ; count += 1) {
        try {
          return await this.#unit(attempt)
        } catch (thrown) {
          if (count >= triesFor(thrown)) throw storageError(thrown)
        }
      }
    } finally {
      this.#waiting -= 1
    }
  }

  async #unit<T>({ mode, work }: Attempt<T>): Promise<T> {
    const client = await this.#connect()
    const connection = new UnitConnection(client, { mayWrite: mode === 'write', prepares: this.#options.prepares })
    const scope = { open: true }
    // The pool itself sees when the connection is broken.
    let release = () => client.release()
    const letGo = () => {
      release()
      release = () => {}
    }
    try {
      const begun = client.query(this.#begin[mode])
      const stale = begun.then(() => false, isConnectionError)
      const tx = createTransaction(kyselyOver(connection), { ...this.#engine[mode], connection })
      let value: T
      try {
        value = await this.#scope.run(scope, () => work(tx))
        connection.end()
        await begun
        await connection.settled()
      } catch (thrown) {
        connection.end()
        scope.open = false
        if (await stale) throw new StaleConnection(thrown)
        await client.query('rollback')
        throw connection.lost ?? thrown
      }
      // What only read has nothing to lose: the next unit on this connection follows at once.
      if (mode === 'read') client.query('commit').catch(() => {})
      else await this.#commit(client, xidOf(await begun), letGo)
      return value
    } finally {
      scope.open = false
      letGo()
    }
  }

  /** Over a connection that broke while it committed, nobody was told what became of it; the database knows. */
  async #commit(client: PoolClient, xid: string | undefined, letGo: () => void): Promise<void> {
    try {
      await client.query('commit')
    } catch (thrown) {
      if (xid === undefined || !isConnectionError(thrown)) throw thrown
      // Where every unit is in doubt, there is no other connection to ask on until they let go of theirs.
      letGo()
      if (!(await this.#wasCommitted(xid))) throw thrown
    }
  }

  async #wasCommitted(xid: string): Promise<boolean> {
    const { pool, clock, doubtMs } = this.#options
    const deadline = clock.monotonic() + doubtMs
    for (;;) {
      try {
        const { rows } = await pool.query('select pg_xact_status($1::text::xid8) as status', [xid])
        if (rows[0]?.status !== 'in progress') return rows[0]?.status === 'committed'
      } catch (thrown) {
        if (!isConnectionError(thrown)) throw thrown
      }
      if (clock.monotonic() >= deadline) return false
      await clock.sleep(doubtRetryMs)
    }
  }

  async #connect(): Promise<PoolClient> {
    const { pool } = this.#options
    try {
      return await pool.connect()
    } catch (thrown) {
      const full = pool.totalCount >= (pool.options.max ?? 0) && pool.idleCount === 0
      if (full && thrown instanceof Error && thrown.message.startsWith('timeout')) throw busy(thrown)
      throw isConnectionError(thrown) ? away(thrown) : storageError(thrown)
    }
  }

  #engineOf(mode: Mode): Omit<Engine, 'connection'> {
    return {
      key: `postgres ${mode}`,
      now: databaseNow,
      lock: (query) => (mode === 'write' ? query.forNoKeyUpdate() : query),
      lockFree: (query) => (mode === 'write' ? query.forNoKeyUpdate().skipLocked() : query),
      lockName: async (db, name) => {
        if (mode === 'write') await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(db)
      },
      parts: usageParts,
      logEnd: (db, after) => this.#logEnd.after(db, after),
    }
  }
}

/** The last of several results: what `begin` asked for. */
function xidOf(results: unknown): string | undefined {
  const last = Array.isArray(results) ? (results.at(-1) as { rows: { xid?: string }[] }) : undefined
  return last?.rows[0]?.xid
}
