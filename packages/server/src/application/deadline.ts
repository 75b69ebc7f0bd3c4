import type { Clock } from './ports/clock.ts'

/** Given, since making the default one costs more than the timer: nearly every deadline is stopped. */
const stopped = new Error('The deadline was stopped')

/** Calls `passed` once after `ms`, unless what it returns is called before. */
export function startDeadline(clock: Clock, ms: number, passed: () => void): () => void {
  const stop = new AbortController()
  void clock.sleep(ms, stop.signal).then(() => {
    if (!stop.signal.aborted) passed()
  })
  return () => stop.abort(stopped)
}
