import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { realClock, silentLog } from '../../../../test/contract/store/surroundings.ts'
import type { StoreUnderTest } from '../../../../test/contract/store/under-test.ts'
import { describeStore } from '../../../../test/contract/store.ts'
import { openSqliteStore } from './open-store.ts'

async function makeStore(durability: 'full' | 'normal'): Promise<StoreUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'codelab-store-'))
  const failures: unknown[] = []
  const opened = () =>
    openSqliteStore({
      file: join(folder, 'agent_runtime.db'),
      durability,
      clock: realClock,
      log: silentLog,
      onFatal: (error) => failures.push(error),
    })
  let store = await opened()
  return {
    get unitOfWork() {
      return store.unitOfWork
    },
    inOrder: true,
    async reopen() {
      await store.close()
      store = await opened()
      return store.unitOfWork
    },
    async dispose() {
      await store.close()
      await rm(folder, { recursive: true })
      if (failures.length > 0) throw failures[0]
    },
  }
}

describeStore('SQLite, durability full', () => makeStore('full'))
describeStore('SQLite, durability normal', () => makeStore('normal'))
