import type { Clock } from '../application/ports/clock.ts'
import type { FanOut } from '../application/ports/fan-out.ts'
import type { Log } from '../application/ports/log.ts'
import type { Backups } from '../application/ports/maintenance.ts'
import type { RateCounter } from '../application/ports/rate-counter.ts'
import type { Config } from '../config.ts'
import { RuntimeError } from '../domain/errors.ts'
import type { OpenedStore } from '../infrastructure/persistence/opened-store.ts'
import { createBackups } from '../infrastructure/persistence/sqlite/backup.ts'
import { openSqliteStore } from '../infrastructure/persistence/sqlite/open-store.ts'
import { MemoryRateCounter } from '../infrastructure/rates/memory-rate-counter.ts'

/** Opens the database that the settings name. `onFatal` is told when it can promise nothing any more. Throws `storage_unavailable`. */
export async function openDatabase(
  {
    database,
    databaseListenUrl,
    databasePool,
    durability,
  }: Pick<Config, 'database' | 'databaseListenUrl' | 'databasePool' | 'durability'>,
  parts: { readonly clock: Clock; readonly log: Log; readonly onFatal: (error: unknown) => void },
): Promise<OpenedStore> {
  if (database.kind === 'sqlite') return await openSqliteStore({ file: database.file, durability, ...parts })
  // Its driver is loaded only by those who need it.
  const { openPostgresStore } = await import('../infrastructure/persistence/postgres/open-store.ts')
  const { url } = database
  return await openPostgresStore({ url, directUrl: databaseListenUrl ?? url, durability, ...databasePool, ...parts })
}

/** How this process hears of others that use the same database; undefined: it can have none. */
export async function fanOutOf(
  { database, databaseListenUrl }: Pick<Config, 'database' | 'databaseListenUrl'>,
  parts: { readonly clock: Clock; readonly log: Log },
): Promise<FanOut | undefined> {
  if (database.kind === 'sqlite') return undefined
  const { PostgresFanOut } = await import('../infrastructure/fan-out/postgres-fan-out.ts')
  return new PostgresFanOut({ url: database.url, listenUrl: databaseListenUrl ?? database.url, ...parts })
}

/** Counts the requests of callers: with all processes that use the same database, or of this one. */
export async function rateCounterOf({ database }: Pick<Config, 'database'>, log: Log): Promise<RateCounter> {
  const own = new MemoryRateCounter()
  if (database.kind === 'sqlite') return own
  const { PostgresRateCounter } = await import('../infrastructure/rates/postgres-rate-counter.ts')
  return new PostgresRateCounter({ url: database.url, own, log })
}

export function backupsOf({ database }: Pick<Config, 'database'>): Backups {
  if (database.kind === 'sqlite') return createBackups(database.file)
  return {
    async make() {
      throw new RuntimeError('storage_unavailable', 'PostgreSQL is backed up by its own tools', {
        details: { hint: 'pg_dump --format=custom --file=codelab.dump "$CODELAB_DATABASE_URL"' },
      })
    },
  }
}
