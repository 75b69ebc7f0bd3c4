import { afterAll, beforeAll } from 'vitest'
import { lane } from '../../../../../../test/lanes.ts'
import { realClock, silentLog } from '../../../../test/contract/store/surroundings.ts'
import type { StoreUnderTest } from '../../../../test/contract/store/under-test.ts'
import { describeStore } from '../../../../test/contract/store.ts'
import { installed, needsInstalled } from '../../../../test/postgres/binaries.ts'
import { PostgresDatabase } from '../../../../test/postgres/database.ts'
import { PostgresServer } from '../../../../test/postgres/server.ts'
import { migrated, poolOfTests } from '../../../../test/test-store.ts'
import { openPostgresStore } from './open-store.ts'

const options = { durability: 'full', ...poolOfTests, clock: realClock, log: silentLog } as const

function describePostgres(name: string, startServer?: () => Promise<PostgresServer>): void {
  let server: PostgresServer | undefined
  let template: PostgresDatabase

  beforeAll(async () => {
    server = await startServer?.()
    template = await migrated(server?.url())
  })
  afterAll(async () => {
    await template[Symbol.asyncDispose]()
    await server?.[Symbol.asyncDispose]()
  })

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

  describeStore(name, makeStore)
}

describePostgres('PostgreSQL 18')

lane('postgres-installed', needsInstalled, () => {
  describePostgres('PostgreSQL of this machine', () => PostgresServer.start({ binaries: installed() }))
})
