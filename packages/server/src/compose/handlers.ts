import type { Clock } from '../application/ports/clock.ts'
import type { Log } from '../application/ports/log.ts'
import type { UnitOfWork } from '../application/ports/store.ts'
import { createEventHandlers, type RunningHandlers } from '../infrastructure/handlers/event-handlers.ts'
import { metricRollups } from '../infrastructure/handlers/metric-rollups.ts'

/** The event handlers of this server, and the store that wakes them after each commit. What they store themselves wakes nobody. */
export function followLog(
  store: UnitOfWork,
  clock: Clock,
  log: Log,
): { readonly handlers: RunningHandlers; readonly unitOfWork: UnitOfWork } {
  const handlers = createEventHandlers([metricRollups], { store, clock, log })
  const unitOfWork: UnitOfWork = {
    read: (work) => store.read(work),
    async transact(work) {
      const value = await store.transact(work)
      handlers.wake()
      return value
    },
    async commit(work) {
      const committed = await store.commit(work)
      handlers.wake()
      return committed
    },
  }
  return { handlers, unitOfWork }
}
