import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { describeRateCounter } from '../../../test/contract/rate-counter.ts'
import { realClock, silentLog } from '../../../test/contract/store/surroundings.ts'
import { PostgresDatabase } from '../../../test/postgres/database.ts'
import { openPostgresStore } from '../persistence/postgres/open-store.ts'
import { MemoryRateCounter } from './memory-rate-counter.ts'
import { PostgresRateCounter } from './postgres-rate-counter.ts'

const counterOf = ({ url }: { readonly url: string }) =>
  new PostgresRateCounter({ url, own: new MemoryRateCounter(), log: silentLog })

async function migrated(): Promise<PostgresDatabase> {
  const database = await PostgresDatabase.create()
  const store = await openPostgresStore({
    url: database.url,
    clock: realClock,
    log: silentLog,
    durability: 'normal',
    connections: 2,
    statementMs: 10_000,
    prepares: true,
  })
  await store.close()
  return database
}

describeRateCounter('PostgreSQL', async () => {
  const database = await migrated()
  return { counter: counterOf(database), [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() }
})

describe('several processes over one database', () => {
  let database: PostgresDatabase
  let counters: PostgresRateCounter[]
  beforeEach(async () => {
    database = await migrated()
    counters = [counterOf(database), counterOf(database), counterOf(database)]
  })
  afterEach(async () => {
    for (const counter of counters) await counter.close()
    await database[Symbol.asyncDispose]()
  })

  test('count together, each request once', async () => {
    const counted = await Promise.all(
      Array.from({ length: 90 }, (_, i) => counters[i % 3]?.count('a', 60_000).then(({ current }) => current)),
    )
    expect(counted.sort((a = 0, b = 0) => a - b)).toEqual(Array.from({ length: 90 }, (_, i) => i + 1))
  })

  test('a window that ends beyond reason, because the clock was put back, is begun anew', async () => {
    const [a] = counters
    await a?.count('a', 1_000)
    await database.execute('update rate_windows set ends_at = ends_at + 3600000')
    expect(await a?.count('a', 1_000)).toMatchObject({ current: 1 })
  })

  test('windows that are over are removed while new ones begin', async () => {
    const [a] = counters
    for (let round = 0; round < 30; round++) {
      await Promise.all(Array.from({ length: 100 }, (_, i) => a?.count(`${round} ${i}`, 1)))
    }
    await expect
      .poll(async () => Number((await database.execute('select count(*) as rows from rate_windows'))[0]?.['rows']))
      .toBeLessThan(1_200)
  })

  test('while the database is away each process counts for itself, and nobody waits long', async () => {
    await using gone = await migrated()
    const counter = counterOf(gone)
    try {
      expect(await counter.count('a', 60_000)).toMatchObject({ current: 1 })
      await gone.execute('alter table rate_windows rename to hidden')
      const begun = performance.now()
      for (const current of [2, 3, 4]) expect(await counter.count('a', 60_000)).toMatchObject({ current })
      expect(performance.now() - begun).toBeLessThan(1_500)
      await gone.execute('alter table hidden rename to rate_windows')
      await expect
        .poll(
          async () => {
            await counter.count('a', 60_000)
            return Number((await gone.execute('select count from rate_windows'))[0]?.['count'])
          },
          { timeout: 10_000 },
        )
        .toBeGreaterThan(1)
    } finally {
      await counter.close()
    }
  })

  test('a database that does not answer at all holds nobody up', async () => {
    const counter = counterOf({ url: 'postgres://nobody@127.0.0.1:1/none' })
    for (const current of [1, 2, 3]) expect(await counter.count('a', 60_000)).toMatchObject({ current })
    await counter.close()
  })
})
