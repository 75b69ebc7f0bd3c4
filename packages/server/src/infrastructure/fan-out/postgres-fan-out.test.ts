import { describeFanOut } from '../../../test/contract/fan-out.ts'
import { realClock, silentLog } from '../../../test/contract/store/surroundings.ts'
import { PostgresDatabase } from '../../../test/postgres/database.ts'
import { openPostgresStore } from '../persistence/postgres/open-store.ts'
import { PostgresFanOut } from './postgres-fan-out.ts'

describeFanOut('PostgreSQL', async () => {
  const database = await PostgresDatabase.create()
  const parts = { url: database.url, clock: realClock, log: silentLog }
  const store = await openPostgresStore({
    ...parts,
    durability: 'normal',
    connections: 2,
    statementMs: 10_000,
    prepares: true,
  })
  const make = () => new PostgresFanOut({ ...parts, listenUrl: database.url })
  const replicas = [make(), make(), make()] as const
  await store.unitOfWork.transact(async (tx) => {
    for (const { listener } of replicas) await tx.replicas.enter(listener, listener)
  })
  return {
    replicas,
    async own(sid, { listener }) {
      await store.unitOfWork.transact(async (tx) => {
        const session = { sid, ownerId: 'o', externalId: sid, createdAt: 1, currentAgent: 'coder' }
        await tx.sessions.create(session)
        await tx.sessions.update(sid, { owner: listener })
      })
    },
    async [Symbol.asyncDispose]() {
      await store.close()
      await database[Symbol.asyncDispose]()
    },
  }
})
