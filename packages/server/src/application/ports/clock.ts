/** Time. Nothing else in the domain or the application asks the system for it. */
export interface Clock {
  /** Epoch milliseconds, for what is stored and shown. */
  now(): number
  /** Milliseconds that never run backwards, for durations and deadlines. */
  monotonic(): number
  /** Resolves after `ms`, or as soon as the signal fires (it does not reject). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
