import { dirname } from 'node:path'
import type { HealthState } from '../api/options.ts'
import type { Application } from '../application/index.ts'
import type { Config } from '../config.ts'
import { diskSpace } from '../infrastructure/load/disk-space.ts'
import type { LoadMonitor } from '../infrastructure/load/load-monitor.ts'
import type { OpenedStore } from '../infrastructure/persistence/opened-store.ts'
import type { Models } from './models.ts'

export interface HealthParts {
  readonly config: Pick<Config, 'database' | 'protection'>
  readonly application: Application
  readonly store: OpenedStore
  readonly models: Models
  readonly load: LoadMonitor
}

/** What the server stands on. Unhealthy: it cannot take requests, or will not for much longer. Degraded: no model answers just now. */
export async function checkHealth({ config, application, store, models, load }: HealthParts): Promise<HealthState> {
  const [database, disk] = await Promise.all([checkDatabase(store), checkDisk(config)])
  const { accepting, activity } = application
  const upstream = models.upstream()
  const canTake = accepting && database === 'ok' && disk.disk !== 'low'
  const working = upstream?.state === 'open' ? 'degraded' : 'healthy'
  return {
    status: canTake ? working : 'unhealthy',
    details: {
      accepting,
      draining: !accepting,
      paused: application.paused,
      database,
      engine: config.database.kind,
      schema: store.schemaVersion,
      ...disk,
      event_loop_delay_ms: load.loopDelayMs,
      runs_active: activity.runs,
      oldest_run_seconds: Math.round(activity.oldestRunMs / 1000),
      inputs_waiting: activity.inputsWaiting,
      ...(upstream && {
        upstream: { state: upstream.state, failures: upstream.failures, retry_after_ms: upstream.retryAfterMs },
      }),
    },
  }
}

/** Takes the lock that every write needs, and reads. */
async function checkDatabase({ unitOfWork }: OpenedStore): Promise<'ok' | 'unavailable'> {
  try {
    await unitOfWork.transact((tx) => tx.sessions.find('', ''))
    return 'ok'
  } catch {
    return 'unavailable'
  }
}

async function checkDisk({ database, protection }: HealthParts['config']) {
  // The disk of another machine is that one's own matter.
  if (database.kind !== 'sqlite') return { disk: 'ok' }
  try {
    const { freeBytes, low } = await diskSpace(dirname(database.file), protection.minFreeDiskBytes)
    return { disk: low ? 'low' : 'ok', disk_free_bytes: freeBytes }
  } catch {
    return { disk: 'unknown' }
  }
}
