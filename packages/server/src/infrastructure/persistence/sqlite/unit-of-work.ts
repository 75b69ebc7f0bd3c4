import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from '../../../application/ports/clock.ts'
import type { Committed, Transaction, UnitOfWork } from '../../../application/ports/store.ts'
import { RuntimeError } from '../../../domain/errors.ts'
import { sqliteEngine } from '../sql/engine.ts'
import { createTransaction } from '../sql/transaction.ts'
import { kyselyOver, UnitConnection } from './connection.ts'
import { isBusy, storageError } from './errors.ts'
import type { SharedSync } from './shared-sync.ts'
import type { Statements } from './statements.ts'

/** How long a unit waits for another program's lock, from when it was asked for. */
const LOCK_WAIT_MS = 5000
const LOCK_RETRY_MS = 20
const MAX_WAITING = 10_000

type Mode = 'write' | 'read'

interface UnitScope {
  open: boolean
}

export interface SqliteUnitOfWorkOptions {
  readonly statements: Statements
  /** Undefined: a commit is durable as soon as SQLite says so. */
  readonly sync: SharedSync | undefined
  readonly clock: Clock
  /** The connection is in a state that nobody knows. */
  readonly onFatal: (error: unknown) => void
}

/**
 * Units of work on the one connection, one after the other, first in first out. A unit awaits nothing but the store, and a statement
 * of SQLite is over when it returns: so a unit ends before the event loop turns, and a wait for one's turn is as short as the units
 * before. What can take long is a lock of another program: that wait is not spent inside SQLite, where it would stop every stream.
 */
export class SqliteUnitOfWork implements UnitOfWork {
  readonly #options: SqliteUnitOfWorkOptions
  readonly #scope = new AsyncLocalStorage<UnitScope>()
  #last: Promise<void> = Promise.resolve()
  #waiting = 0
  #closed = false

  constructor(options: SqliteUnitOfWorkOptions) {
    this.#options = options
  }

  async transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const value = await this.#inTurn('write', work)
    await this.#options.sync?.settled()
    return value
  }

  async commit<T>(work: (tx: Transaction) => Promise<T>): Promise<Committed<T>> {
    const value = await this.#inTurn('write', work)
    const durable = this.#options.sync?.settled() ?? Promise.resolve()
    // A caller that fails before it looks must not end the process; `onFatal` has been told.
    durable.catch(() => {})
    return { value, durable }
  }

  async read<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const value = await this.#inTurn('read', work)
    await this.#options.sync?.settled()
    return value
  }

  /** Resolves when the units asked for so far have ended; later ones are refused. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#last
    await this.#options.sync?.settled()
  }

  async #inTurn<T>(mode: Mode, work: (tx: Transaction) => Promise<T>): Promise<T> {
    if (this.#scope.getStore()?.open) {
      throw new RuntimeError('internal', 'A unit of work was asked for inside another one')
    }
    if (this.#closed) throw new RuntimeError('storage_unavailable', 'The database is closed.')
    if (this.#waiting >= MAX_WAITING) throw new RuntimeError('storage_busy', 'Too many requests wait for the database.')
    const deadline = this.#options.clock.monotonic() + LOCK_WAIT_MS
    const before = this.#last
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last = promise
    this.#waiting += 1
    try {
      await before
      return await this.#unit(mode, deadline, work)
    } finally {
      this.#waiting -= 1
      resolve()
    }
  }

  async #unit<T>(mode: Mode, deadline: number, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const { statements, sync } = this.#options
    if (mode === 'write' && sync?.failure) throw sync.failure
    await this.#begin(mode, deadline)
    const connection = new UnitConnection(statements, mode === 'write')
    const scope: UnitScope = { open: true }
    try {
      const value = await this.#scope.run(scope, () =>
        work(createTransaction(kyselyOver(connection), { ...sqliteEngine, connection })),
      )
      connection.end()
      if (connection.lost !== undefined) throw connection.lost
      statements.execute('commit')
      if (connection.wrote) sync?.committed()
      return value
    } catch (thrown) {
      connection.end()
      this.#rollback()
      throw storageError(thrown)
    } finally {
      scope.open = false
    }
  }

  /** The lock is taken here and nowhere later, so that a unit either has it or has done nothing. */
  async #begin(mode: Mode, deadline: number): Promise<void> {
    const { statements, clock } = this.#options
    for (;;) {
      try {
        statements.execute(mode === 'write' ? 'begin immediate' : 'begin')
        if (mode === 'read') statements.execute('select 1 from sqlite_schema limit 1')
        return
      } catch (thrown) {
        this.#rollback()
        if (!isBusy(thrown) || clock.monotonic() >= deadline) throw storageError(thrown)
      }
      await clock.sleep(LOCK_RETRY_MS)
    }
  }

  /** SQLite has rolled back by itself after some failures. */
  #rollback(): void {
    const { statements, onFatal } = this.#options
    if (!statements.inTransaction) return
    try {
      statements.execute('rollback')
    } catch (thrown) {
      this.#closed = true
      onFatal(thrown)
    }
  }
}
