import type { Counted, RateCounter } from '../../application/ports/rate-counter.ts'

/** Callers that are remembered; the one that asked longest ago is forgotten first. */
const callersLimit = 10_000

interface Window {
  count: number
  /** On the monotonic clock: a jump of the time of day locks nobody out. */
  readonly endsAt: number
}

/** What this process counts by itself. */
export class MemoryRateCounter implements RateCounter {
  readonly #windows = new Map<string, Window>()

  get size(): number {
    return this.#windows.size
  }

  async count(key: string, windowMs: number): Promise<Counted> {
    const now = performance.now()
    const known = this.#windows.get(key)
    const window = known && known.endsAt > now ? known : { count: 0, endsAt: now + windowMs }
    window.count += 1
    this.#windows.delete(key)
    this.#windows.set(key, window)
    if (this.#windows.size > callersLimit) this.#forgetOldest()
    return { current: window.count, ttl: window.endsAt - now }
  }

  async close(): Promise<void> {
    this.#windows.clear()
  }

  #forgetOldest(): void {
    for (const key of this.#windows.keys()) {
      this.#windows.delete(key)
      return
    }
  }
}
