import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../application/ports/clock.ts'

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, { ref: false, ...(signal ? { signal } : {}) })
    } catch (error) {
      if (!signal?.aborted) throw error
    }
  },
}
