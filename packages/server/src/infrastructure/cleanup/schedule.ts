import type { Clock } from '../../application/ports/clock.ts'
import type { Log } from '../../application/ports/log.ts'

export interface CleanupSchedule {
  /** Stops it between two steps. */
  stop(): Promise<void>
}

export interface ScheduleOptions {
  /** One call of limited size; `more`: there is work left. */
  readonly run: (
    signal: AbortSignal,
  ) => Promise<{ readonly sessions: number; readonly purged: number; readonly more: boolean }>
  readonly clock: Clock
  readonly log: Log
  readonly everyMs?: number
}

const hourMs = 3_600_000

/** Cleans up every hour, an hour after the start at first. A run that fails is logged and tried again in the next hour. */
export function startCleanupSchedule({ run, clock, log, everyMs = hourMs }: ScheduleOptions): CleanupSchedule {
  const stopped = new AbortController()
  const { signal } = stopped

  async function runOnce(): Promise<void> {
    let [sessions, purged] = [0, 0]
    try {
      for (let more = true; more && !signal.aborted; ) {
        const step = await run(signal)
        sessions += step.sessions
        purged += step.purged
        more = step.more
      }
    } catch (error) {
      log.warn('cleanup failed; it is tried again in an hour', { error })
    }
    if (sessions > 0 || purged > 0) log.info('cleaned up', { sessions, purged })
  }

  async function work(): Promise<void> {
    for (;;) {
      await clock.sleep(everyMs, signal)
      if (signal.aborted) return
      await runOnce()
    }
  }

  const working = work()
  return {
    stop: async () => {
      stopped.abort()
      await working
    },
  }
}
