import { RuntimeError } from '../../../domain/errors.ts'

/** SQLSTATE of units that met each other. */
const collision = new Set(['40001', '40P01'])
const duplicate = '23505'
/** Of what took too long: a lock, a statement, a transaction. */
const tooLong = new Set(['55P03', '57014', '25P03', '25P04'])

/** By the whole SQLSTATE, or else by its class. */
const unavailable: ReadonlyMap<string, readonly [what: string, hint: string]> = new Map([
  ['25006', ['The database takes no writes now.', 'Point CODELAB_DATABASE_URL at the primary.']],
  ['28', ['The database refuses the user of CODELAB_DATABASE_URL.', 'Look at its name, its password and pg_hba.conf.']],
  ['3D', ['The database of CODELAB_DATABASE_URL does not exist.', 'Make it with createdb, or name another.']],
  ['42501', ['The user of the database may not do that.', 'Let it own the database.']],
  ['53100', ['The disk of the database is full.', 'Free some space; no restart is needed.']],
  ['53300', ['The database has no connection left.', 'Lower CODELAB_DATABASE_POOL, or raise its max_connections.']],
  ['53', ['The database is out of resources.', 'Look at the server of the database.']],
  ['08', ['The database is away.', 'Look at the server of the database; no restart is needed.']],
  ['57P', ['The database is away.', 'Look at the server of the database; no restart is needed.']],
  ['58', ['The database cannot be read or written.', 'Look at the disk of its server.']],
  ['XX', ['The database is damaged.', 'Look at the log of its server.']],
])

/** What `pg` threw, as one of ours: `storage_busy`, `storage_unavailable`, or unchanged when a statement is to blame. */
export function storageError(thrown: unknown): unknown {
  if (thrown instanceof RuntimeError) return thrown
  if (thrown instanceof StaleConnection) return away(thrown.cause)
  const state = sqlState(thrown)
  if (state === undefined) return isConnectionError(thrown) ? away(thrown) : thrown
  if (collision.has(state) || tooLong.has(state)) return busy(thrown)
  const text = unavailable.get(state) ?? unavailable.get(state.slice(0, 3)) ?? unavailable.get(state.slice(0, 2))
  return text ? storageUnavailable(text, thrown) : thrown
}

/** A connection that had broken while nobody used it: nothing of the unit was done. */
export class StaleConnection extends Error {
  constructor(cause: unknown) {
    super('The connection was broken', { cause })
  }
}

/** How often a unit that ended so is run in all. What it read may have been changed by another one before it wrote: run again, it sees that. */
export function triesFor(thrown: unknown): number {
  if (thrown instanceof StaleConnection) return 2
  if (thrown instanceof RuntimeError) return thrown.code === 'session_exists' ? 2 : 1
  const state = sqlState(thrown) ?? ''
  if (collision.has(state)) return 5
  return state === duplicate ? 2 : 1
}

/** Whether the connection is to blame, and not what was asked over it. */
export function isConnectionError(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false
  const state = sqlState(thrown)
  if (state !== undefined) return state.startsWith('08') || state.startsWith('57P')
  if ('syscall' in thrown || (thrown instanceof AggregateError && thrown.errors.some(isConnectionError))) return true
  return /^Connection terminated|timeout exceeded when trying to connect|^Query read timeout|not queryable|^Client was closed/.test(
    thrown.message,
  )
}

export function busy(cause?: unknown): RuntimeError {
  return new RuntimeError('storage_busy', 'The database is busy.', {
    cause,
    details: { hint: 'Try again in a moment.', retryAfterMs: 1000 },
  })
}

export function away(cause: unknown): RuntimeError {
  return storageUnavailable(unavailable.get('08') ?? ['', ''], cause)
}

function storageUnavailable([what, hint]: readonly [string, string], cause: unknown): RuntimeError {
  return new RuntimeError('storage_unavailable', what, { cause, details: { hint } })
}

function sqlState(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'string') return undefined
  return /^[0-9A-Z]{5}$/.test(thrown.code) && !/^E[A-Z]{4}$/.test(thrown.code) ? thrown.code : undefined
}
