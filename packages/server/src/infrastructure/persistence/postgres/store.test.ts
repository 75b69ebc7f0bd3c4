import { afterAll, beforeAll } from 'vitest'
import { realClock, silentLog } from '../../../../test/contract/store/surroundings.ts'
import type { StoreUnderTest } from '../../../../test/contract/store/under-test.ts'
import { describeStore } from '../../../../test/contract/store.ts'
import { PostgresDatabase } from '../../../../test/postgres/database.ts'
import { migrated, poolOfTests } from '../../../../test/test-store.ts'
import { openPostgresStore } from './open-store.ts'

const options = { durability: 'full', ...poolOfTests, clock: realClock, log: silentLog } as const
let template: PostgresDatabase

beforeAll(async () => {
  template = await migrated()
})
afterAll(() => template[Symbol.asyncDispose]())

async function makeStore(): Promise<StoreUnderTest> {
  const database = await PostgresDatabase.create(undefined, template)
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
