import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../src/application/ports/clock.ts'
import type { Log } from '../src/application/ports/log.ts'
import type { OpenedStore } from '../src/infrastructure/persistence/opened-store.ts'
import { openPostgresStore } from '../src/infrastructure/persistence/postgres/open-store.ts'
import { openSqliteStore } from '../src/infrastructure/persistence/sqlite/open-store.ts'
import { systemClock } from '../src/infrastructure/system-clock.ts'
import { silentLog } from './contract/store/surroundings.ts'
import { onPostgres, PostgresDatabase } from './postgres/database.ts'

export const poolOfTests = { connections: 5, statementMs: 10_000, prepares: true } as const

interface Parts {
  readonly clock: Clock
  readonly log: Log
}

const databases = new Map<string, PostgresDatabase>()
let template: Promise<PostgresDatabase> | undefined

/** The store of a folder, opened again with what it left: a file there, or the folder's own database in PostgreSQL. */
export async function openTestStore(folder: string, parts: Parts): Promise<OpenedStore> {
  const onFatal = (error: unknown) => {
    throw error
  }
  if (!onPostgres) return openSqliteStore({ file: join(folder, 'runtime.db'), durability: 'normal', ...parts, onFatal })
  template ??= migrated()
  const database = databases.get(folder) ?? (await PostgresDatabase.create(undefined, await template))
  databases.set(folder, database)
  return openPostgresStore({ url: database.url, durability: 'normal', ...poolOfTests, ...parts })
}

export async function removeTestStore(folder: string): Promise<void> {
  await databases.get(folder)?.[Symbol.asyncDispose]()
  databases.delete(folder)
  await rm(folder, { recursive: true, force: true })
}

/** A database whose tables are made already. */
export async function migrated(admin?: string): Promise<PostgresDatabase> {
  const database = await PostgresDatabase.create(admin)
  const parts = { clock: systemClock, log: silentLog }
  await (await openPostgresStore({ url: database.url, durability: 'normal', ...poolOfTests, ...parts })).close()
  return database
}
