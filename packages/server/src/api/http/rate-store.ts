/** Callers that are remembered; the one that asked longest ago is forgotten first. */
const callersLimit = 10_000

interface Window {
  count: number
  /** On the monotonic clock: a jump of the time of day locks nobody out. */
  readonly endsAt: number
}

type Answer = (error: Error | null, result?: { current: number; ttl: number }) => void

/** Counts for the rate limits, in memory. A window begins with its first request. */
export class RateStore {
  readonly #windows = new Map<string, Window>()

  get size(): number {
    return this.#windows.size
  }

  incr(key: string, answer: Answer, windowMs: number): void {
    const now = performance.now()
    const known = this.#windows.get(key)
    const window = known && known.endsAt > now ? known : { count: 0, endsAt: now + windowMs }
    window.count += 1
    this.#windows.delete(key)
    this.#windows.set(key, window)
    if (this.#windows.size > callersLimit) this.#forgetOldest()
    answer(null, { current: window.count, ttl: window.endsAt - now })
  }

  /** Each limit counts for itself. */
  child(): RateStore {
    return new RateStore()
  }

  #forgetOldest(): void {
    for (const key of this.#windows.keys()) {
      this.#windows.delete(key)
      return
    }
  }
}
