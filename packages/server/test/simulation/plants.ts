import type { Transaction, UnitOfWork } from '../../src/application/ports/store.ts'

/** A fault put between the application and its store, to see that the simulation finds it. */
export type Plant = (real: UnitOfWork) => UnitOfWork

/** A wait for the disk that does not wait. */
export const shownBeforeDurable: Plant = (real) => ({
  ...bound(real),
  transact: async (work) => (await real.commit(work)).value,
  commit: async (work) => ({ value: (await real.commit(work)).value, durable: Promise.resolve() }),
})

/** A message that comes while calls are open leaves one of them without a result. */
export const droppedResult: Plant = (real) =>
  withTransaction(real, (tx) => ({
    ...tx,
    calls: {
      ...tx.calls,
      list: async (sid, filter) => (await tx.calls.list(sid, filter)).slice(filter === 'open' ? 1 : 0),
    },
  }))

/** Whoever waits in line is overlooked now and then. */
export const forgetfulQueue: Plant = (real) => {
  let asked = 0
  return withTransaction(real, (tx) => ({
    ...tx,
    inputs: {
      ...tx.inputs,
      firstWaiting: async (sid) => {
        asked += 1
        return asked % 3 === 0 ? undefined : await tx.inputs.firstWaiting(sid)
      },
    },
  }))
}

/** A session that runs looks idle to who sends it something. */
export const secondWriter: Plant = (real) =>
  withTransaction(real, (tx) => ({
    ...tx,
    sessions: {
      ...tx.sessions,
      find: async (ownerId, externalId) => {
        const session = await tx.sessions.find(ownerId, externalId)
        return session?.state === 'running' ? { ...session, state: 'idle' } : session
      },
    },
  }))

function withTransaction(real: UnitOfWork, change: (tx: Transaction) => Transaction): UnitOfWork {
  return {
    transact: (work) => real.transact((tx) => work(change(tx))),
    commit: (work) => real.commit((tx) => work(change(tx))),
    read: (work) => real.read((tx) => work(change(tx))),
  }
}

function bound(real: UnitOfWork): UnitOfWork {
  return withTransaction(real, (tx) => tx)
}
