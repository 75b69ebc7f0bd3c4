import type { Migration } from 'kysely/migration'
import { Pool, type PoolClient, types } from 'pg'
import type { Clock } from '../../../application/ports/clock.ts'
import type { Log } from '../../../application/ports/log.ts'
import { RuntimeError } from '../../../domain/errors.ts'
import { migrations as ours } from '../migrations/index.ts'
import { migrate } from '../migrations/migrate.ts'
import type { OpenedStore } from '../opened-store.ts'
import { kyselyOver, UnitConnection } from './connection.ts'
import { storageError } from './errors.ts'
import { fromKept } from './text.ts'
import { PostgresUnitOfWork } from './unit-of-work.ts'

const connectMs = 5_000
const idleMs = 30_000
const graceMs = 5_000
const doubtMs = 10_000
/** A sign of life that is not taken within this time is given again. */
const heartbeatMs = 1_500
const oldestVersion = 14
/** Of the lock under which the schema changes; any number, as long as it stays the same. */
const schemaLock = 7_201_845

export interface PostgresStoreOptions {
  readonly url: string
  /** For signs of life, straight to the database; left out: by `url`. */
  readonly directUrl?: string
  /** What a commit survives: `full` a loss of power, `normal` the end of our process; the last moments before a crash of the database's own
   *  server may then be missing. */
  readonly durability: 'full' | 'normal'
  /** Connections at most. */
  readonly connections: number
  /** The longest that one statement may take. */
  readonly statementMs: number
  /** Whether statements are kept prepared; not through a pooler that knows nothing of that. */
  readonly prepares: boolean
  readonly clock: Clock
  readonly log: Log
  /** Other migrations than ours. */
  readonly migrations?: Readonly<Record<string, Migration>>
}

/** Opens the database and brings its schema up to date. Throws `storage_unavailable` with a text for whoever starts the server. */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<OpenedStore> {
  const pool = createPool({ ...options, connectMs, answerMs: options.statementMs + graceMs, name: 'codelab' })
  try {
    const { created, schemaVersion } = await bringUpToDate(options, pool)
    const unitOfWork = new PostgresUnitOfWork({ ...options, pool, doubtMs })
    const heartbeats = heartbeatsOf(options)
    return {
      unitOfWork,
      heartbeats,
      created,
      schemaVersion,
      sessionCount: () => unitOfWork.read((tx) => tx.sessions.count()),
      close: async () => {
        await Promise.all([unitOfWork.close(), heartbeats.close()])
      },
    }
  } catch (thrown) {
    await pool.end()
    throw startError(options.url, thrown)
  }
}

/** One connection, made with the first sign. */
function heartbeatsOf(options: PostgresStoreOptions): PostgresUnitOfWork {
  const { url, directUrl = url } = options
  const bounds = { connections: 1, connectMs: heartbeatMs, answerMs: heartbeatMs, name: 'codelab heartbeat' }
  const pool = createPool({ url: directUrl, log: options.log, ...bounds })
  return new PostgresUnitOfWork({ ...options, pool, statementMs: heartbeatMs, prepares: false, doubtMs: 0 })
}

interface PoolBounds {
  readonly url: string
  readonly connections: number
  readonly connectMs: number
  readonly answerMs: number
  readonly name: string
  readonly log: Log
}

function createPool({ url, connections, connectMs, answerMs, name, log }: PoolBounds): Pool {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: connectMs,
    idleTimeoutMillis: idleMs,
    // The database ends a statement itself; this one is for a database that says nothing any more.
    query_timeout: answerMs,
    keepAlive: true,
    application_name: name,
    pipeline: true,
    types: { getTypeParser },
  })
  // A connection that breaks while nobody uses it is replaced by the next unit; one that is in use fails its unit.
  pool.on('error', (error) => log.debug('a connection to the database was lost', { error }))
  pool.on('connect', (client) => {
    client.on('error', () => {})
  })
  return pool
}

/** Whole numbers are times, counts and positions: all of them far below 2^53. */
const getTypeParser: typeof types.getTypeParser = (oid: number, format?: unknown) => {
  if (oid === types.builtins.INT8 || oid === types.builtins.NUMERIC) return Number
  if (oid === types.builtins.TEXT) return fromKept
  return types.getTypeParser(oid, format as 'text')
}

/** One process at a time; the others wait and find it done. The lock has a connection of its own, so that it holds behind a pooler. */
async function bringUpToDate(options: PostgresStoreOptions, pool: Pool) {
  const lock = await pool.connect()
  const client = await pool.connect()
  const connection = new UnitConnection(client, { mayWrite: true, prepares: false })
  try {
    await lock.query(`begin; select pg_advisory_xact_lock(${schemaLock})`)
    const { schema, created } = await lookAround(client)
    const schemaVersion = await migrate({
      db: kyselyOver(connection),
      migrations: options.migrations ?? ours,
      shown: shownUrl(options.url),
      instead: 'set CODELAB_DATABASE_URL to another database.',
      schema,
      beforeChange: (number) => options.log.info('The schema of the database changes', { from: number }),
    })
    await lock.query('commit')
    return { created, schemaVersion }
  } finally {
    connection.end()
    client.release()
    lock.release()
  }
}

async function lookAround(client: PoolClient): Promise<{ readonly schema: string; readonly created: boolean }> {
  const { rows } = await client.query(`select current_setting('server_version_num')::int / 10000 as version,
    current_schema() as schema, current_setting('server_encoding') as encoding,
    to_regclass('kysely_migration') is null as created`)
  const { version, schema, encoding, created } = rows[0]
  if (version < oldestVersion) throw refused(`It is PostgreSQL ${version}; ${oldestVersion} or later is needed.`)
  if (encoding !== 'UTF8') throw refused(`Its encoding is ${encoding}; make one with the encoding UTF8.`)
  if (schema === null) throw refused('Its user has no schema to keep tables in.')
  return { schema, created }
}

function refused(reason: string): RuntimeError {
  return new RuntimeError('storage_unavailable', reason, {
    details: { hint: 'Or set CODELAB_DATABASE_URL to another database.' },
  })
}

/** Without its password. */
function shownUrl(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `${hostname}${port && `:${port}`}${pathname}`
}

function startError(url: string, thrown: unknown): unknown {
  const known = storageError(thrown)
  if (!(known instanceof RuntimeError)) return known
  // What `migrate` refuses has its whole text.
  if (known.details.hint === undefined) return known
  const cause = thrown instanceof Error && !(thrown instanceof RuntimeError) ? ` (${reasonOf(thrown)})` : ''
  const text = `The database ${shownUrl(url)} cannot be opened. ${known.message}${cause} ${known.details.hint}`
  return new RuntimeError('storage_unavailable', text, { cause: thrown })
}

function reasonOf(thrown: Error): string {
  const inner = thrown instanceof AggregateError ? (thrown.errors.at(-1) as Error) : thrown
  return inner.message
}
