import type { RateCounter } from '../../application/index.ts'

type Answer = (error: Error | null, result?: { current: number; ttl: number }) => void

/** The interface of the limiter, over counters of ours. */
export function rateStoreOver(counterOf: (key: string) => RateCounter) {
  return class RateStore {
    incr(key: string, answer: Answer, windowMs: number): void {
      counterOf(key)
        .count(key, windowMs)
        .then(
          (counted) => answer(null, counted),
          (error) => answer(error),
        )
    }

    child(): RateStore {
      return this
    }
  }
}
