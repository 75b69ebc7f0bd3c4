/** Counts requests of callers, each within a window that begins with its first request. */
export interface RateCounter {
  /** Counts one more of this key. */
  count(key: string, windowMs: number): Promise<Counted>
  close(): Promise<void>
}

export interface Counted {
  /** Requests in this window, with the one that was just counted. */
  readonly current: number
  /** Milliseconds until the window is over. */
  readonly ttl: number
}
