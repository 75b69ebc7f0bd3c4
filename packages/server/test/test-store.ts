import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ApplicationDeps } from '../src/application/index.ts'
import type { Clock } from '../src/application/ports/clock.ts'
import type { Log } from '../src/application/ports/log.ts'
import { PostgresFanOut } from '../src/infrastructure/fan-out/postgres-fan-out.ts'
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
  if (!onPostgres && replicasOfAll === 1)
    return openSqliteStore({ file: join(folder, 'runtime.db'), durability: 'normal', ...parts, onFatal })
  template ??= migrated()
  const database = databases.get(folder) ?? (await PostgresDatabase.create(undefined, await template))
  databases.set(folder, database)
  return openPostgresStore({ url: database.url, durability: 'normal', ...poolOfTests, ...parts })
}

/** How many processes, or applications, a server is in these tests. */
export const replicasOfAll = Number(process.env['CODELAB_TEST_REPLICAS'] ?? 1)

/** Of replicas; far above what a busy machine keeps a process waiting. */
export const silentMs = replicasOfAll > 1 ? 4_000 : 2_000

/** The same, and how it hears of others that have it open when there are to be several. */
export async function openTestReplica(folder: string, parts: Parts): Promise<TestReplica> {
  const store = await openTestStore(folder, parts)
  const url = databases.get(folder)?.url
  if (replicasOfAll === 1 || !url) return store
  const fanOut = new PostgresFanOut({ url, listenUrl: url, ...parts })
  return { ...store, replicas: { fanOut, heartbeats: store.heartbeats, silentMs } }
}

type TestReplica = OpenedStore & { readonly replicas?: ApplicationDeps['replicas'] }

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
