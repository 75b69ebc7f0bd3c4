import { afterAll, beforeAll } from 'vitest'
import { realClock, silentLog } from '../../../../test/contract/store/surroundings.ts'
import type { StoreUnderTest } from '../../../../test/contract/store/under-test.ts'
import { describeStore } from '../../../../test/contract/store.ts'
import { PostgresDatabase } from '../../../../test/postgres/database.ts'
import { openPostgresStore } from './open-store.ts'

const durability = 'full'
const options = {
  durability,
  connections: 5,
  statementMs: 10_000,
  prepares: true,
  clock: realClock,
  log: silentLog,
} as const
let migrated: PostgresDatabase

beforeAll(async () => {
  migrated = await PostgresDatabase.create()
  await (await openPostgresStore({ ...options, url: migrated.url })).close()
})
afterAll(() => migrated[Symbol.asyncDispose]())

async function makeStore(): Promise<StoreUnderTest> {
  const database = await PostgresDatabase.create(undefined, migrated)
  const opened = () => openPostgresStore({ ...options, url: database.url })
  let store = await opened()
  return {
    get unitOfWork() {
      return store.unitOfWork
    },
    inOrder: false,
    async reopen() {
      await store.close()
      store = await opened()
      return store.unitOfWork
    },
    async dispose() {
      await store.close()
      await database[Symbol.asyncDispose]()
    },
  }
}

describeStore('PostgreSQL', makeStore)
