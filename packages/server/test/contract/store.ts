import { afterEach, beforeEach, describe } from 'vitest'
import { describeApiKeys } from './store/api-keys.ts'
import { describeCalls } from './store/calls.ts'
import { describeEventLog } from './store/event-log.ts'
import { describeGrants } from './store/grants.ts'
import { describeHistories } from './store/histories.ts'
import { describeMessages } from './store/messages.ts'
import { describeReplicas } from './store/replicas.ts'
import { describeRunsAndInputs } from './store/runs-and-inputs.ts'
import { describeSessions } from './store/sessions.ts'
import { describeStatistics } from './store/statistics.ts'
import type { Current, StoreUnderTest } from './store/under-test.ts'
import { describeUnits } from './store/units.ts'
import { describeUsage } from './store/usage.ts'

/** What every UnitOfWork and its stores must do. Each adapter's test file calls this with its own maker. */
export function describeStore(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`store: ${name}`, () => {
    let store: StoreUnderTest | undefined
    const opened = (): StoreUnderTest => {
      if (!store) throw new Error('No test is running')
      return store
    }
    const current: Current = {
      get unitOfWork() {
        return opened().unitOfWork
      },
      reopen: () => opened().reopen(),
    }

    beforeEach(async () => {
      store = await make()
    })
    afterEach(async () => {
      await store?.dispose()
      store = undefined
    })

    describeUnits(current)
    describeSessions(current)
    describeMessages(current)
    describeCalls(current)
    describeGrants(current)
    describeReplicas(current)
    describeApiKeys(current)
    describeRunsAndInputs(current)
    describeEventLog(current)
    describeStatistics(current)
    describeUsage(current)
    describeHistories(make)
  })
}
