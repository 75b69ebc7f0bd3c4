import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RateCounter } from '../../src/application/ports/rate-counter.ts'

export interface RateCounterUnderTest extends AsyncDisposable {
  readonly counter: RateCounter
}

/** What every counter of requests must do. Each adapter's test file calls this with its own maker. */
export function describeRateCounter(name: string, make: () => Promise<RateCounterUnderTest>): void {
  describe(`rate counter: ${name}`, () => {
    let current: RateCounterUnderTest
    const countOf = async (key: string, windowMs = 60_000) => (await current.counter.count(key, windowMs)).current

    beforeEach(async () => {
      current = await make()
    })
    afterEach(async () => {
      await current.counter.close()
      await current[Symbol.asyncDispose]()
    })

    it('counts each caller for itself', async () => {
      expect([await countOf('a'), await countOf('a'), await countOf('b'), await countOf('a')]).toEqual([1, 2, 1, 3])
    })

    it('begins a window with its first request, and says how long it lasts on', async () => {
      const first = await current.counter.count('a', 600)
      expect(first.ttl).toBeGreaterThan(500)
      expect(first.ttl).toBeLessThanOrEqual(600)
      await sleep(150)
      const second = await current.counter.count('a', 600)
      expect([second.current, second.ttl < first.ttl - 100]).toEqual([2, true])
      await sleep(second.ttl + 20)
      expect(await countOf('a', 600)).toBe(1)
    })

    it('counts what comes at the same time, each once', async () => {
      const counts = await Promise.all(Array.from({ length: 200 }, () => countOf('a')))
      expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1))
    })

    it('takes any text as a key', async () => {
      for (const key of ['', '\0', 'ключ', '\ud800', 'x'.repeat(100_000), "'; drop table rate_windows; --"]) {
        expect([await countOf(key), await countOf(key)]).toEqual([1, 2])
      }
    })
  })
}
