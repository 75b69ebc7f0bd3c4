import type { SQLInputValue } from 'node:sqlite'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { RuntimeError } from '../../../domain/errors.ts'
import type { Schema } from '../sql/schema.ts'
import { storageError } from './errors.ts'
import type { Statements } from './statements.ts'

/** What one unit of work says to the database. Every statement runs to its end before `executeQuery` returns. */
export class UnitConnection implements DatabaseConnection {
  readonly #statements: Statements
  readonly #mayWrite: boolean
  #ended = false
  #wrote = false
  #lost: unknown

  constructor(statements: Statements, mayWrite: boolean) {
    this.#statements = statements
    this.#mayWrite = mayWrite
  }

  /** Whether anything but reading was asked of it. */
  get wrote(): boolean {
    return this.#wrote
  }

  /** From now on every statement is refused: it would land in somebody else's transaction, or in none. */
  end(): void {
    this.#ended = true
  }

  /** What made SQLite roll back by itself: the unit can end in nothing but this. */
  get lost(): unknown {
    return this.#lost
  }

  async executeQuery<R>({ query, sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    if (this.#ended) throw new RuntimeError('internal', 'A transaction was used after its unit of work had ended')
    if (this.#lost !== undefined) throw this.#lost
    const reads = query.kind === 'SelectQueryNode'
    if (!reads && !this.#mayWrite) throw new RuntimeError('internal', 'A unit of work that only reads tried to write')
    if (!reads) this.#wrote = true
    try {
      const { rows, changes } = this.#statements.execute(sql, parameters as readonly SQLInputValue[])
      return { rows: rows as R[], numAffectedRows: BigInt(changes) }
    } catch (thrown) {
      const error = storageError(thrown)
      // What followed would be stored on its own.
      if (!this.#statements.inTransaction) this.#lost = error
      throw error
    }
  }

  // biome-ignore lint/correctness/useYield: the interface asks for it, and a stream of rows would outlast its unit.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new RuntimeError('internal', 'Rows are not streamed from SQLite')
  }
}

/** Kysely over one connection of node:sqlite. Cheap: one is made for every unit of work. */
export function kyselyOver(connection: DatabaseConnection): Kysely<Schema> {
  const dialect: Dialect = {
    createDriver: () => new OneConnection(connection),
    createQueryCompiler: () => compiler,
    createAdapter: () => adapter,
    createIntrospector: (db) => new SqliteIntrospector(db),
  }
  return new Kysely({ dialect })
}

// A statement is compiled without a pause, so one serves for all.
const compiler = new SqliteQueryCompiler()

class Adapter extends SqliteAdapter {
  // Statements run one after the other anyway, so nobody has to wait for the connection.
  override get supportsMultipleConnections(): boolean {
    return true
  }

  // Kysely says false for the sake of other drivers. SQLite rolls a schema change back like any other.
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

const adapter = new Adapter()

/** Transactions belong to the unit of work; only migrations begin them through Kysely. */
class OneConnection implements Driver {
  readonly #connection: DatabaseConnection

  constructor(connection: DatabaseConnection) {
    this.#connection = connection
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    return this.#connection
  }

  async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'))
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'))
  }

  async releaseConnection(): Promise<void> {}

  async destroy(): Promise<void> {}
}
