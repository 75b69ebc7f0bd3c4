import { expect, test } from 'vitest'
import { RateStore } from './rate-store.ts'

function counts(store: RateStore, key: string, windowMs: number): number {
  let count = 0
  store.incr(
    key,
    (_error, result) => {
      count = result?.current ?? 0
    },
    windowMs,
  )
  return count
}

test('counts each caller for itself, until its window is over', () => {
  const store = new RateStore()
  expect([counts(store, 'a', 60_000), counts(store, 'a', 60_000), counts(store, 'b', 60_000)]).toEqual([1, 2, 1])
  expect([counts(store, 'c', 0), counts(store, 'c', 0)]).toEqual([1, 1])
})

test('remembers 10,000 callers, and of them who asked last', () => {
  const store = new RateStore()
  counts(store, 'regular', 60_000)
  for (let i = 0; i < 25_000; i++) {
    counts(store, `caller-${i}`, 60_000)
    if (i % 5_000 === 0) counts(store, 'regular', 60_000)
  }
  expect(store.size).toBe(10_000)
  expect(counts(store, 'regular', 60_000)).toBe(7)
  expect(counts(store, 'caller-0', 60_000)).toBe(1)
})
