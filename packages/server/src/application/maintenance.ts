import type { CleanupSettings } from '../domain/cleanup.ts'
import { RuntimeError } from '../domain/errors.ts'
import { createCleanUp } from './commands/clean-up.ts'
import type { Pause } from './commands/pause.ts'
import type { Clock } from './ports/clock.ts'
import type { EventHandlers } from './ports/handlers.ts'
import type { Backups } from './ports/maintenance.ts'
import type { UnitOfWork } from './ports/store.ts'
import type { Channels } from './readers/channels.ts'

export interface MaintenanceDeps {
  readonly store: UnitOfWork
  readonly clock: Clock
  readonly channels: Channels
  readonly pause: Pause
  readonly cleanup?: CleanupSettings
  readonly backups?: Backups
  /** Left out: nobody follows the log. */
  readonly handlers?: Pick<EventHandlers, 'names'>
}

const keepAll: CleanupSettings = { rule: null, purgeAfterMs: 7 * 24 * 3_600_000 }

/** What an operator does to a service: the same whether a server runs, or a command has the database to itself. */
export function createMaintenance(deps: MaintenanceDeps) {
  const { store, clock, channels, pause, cleanup = keepAll, backups, handlers } = deps
  return {
    cleanUp: createCleanUp({ store, clock, channels, settings: cleanup, followers: handlers?.names ?? [] }),
    setPaused: (paused: boolean) => pause.set(paused),
    /** Throws `storage_unavailable` where the store makes none. */
    backUp: async () => {
      if (!backups) throw new RuntimeError('storage_unavailable', 'This server cannot make backups')
      return await backups.make()
    },
  }
}
