import { expect, test } from 'vitest'
import { describeRateCounter } from '../../../test/contract/rate-counter.ts'
import { MemoryRateCounter } from './memory-rate-counter.ts'

describeRateCounter('memory', async () => ({
  counter: new MemoryRateCounter(),
  async [Symbol.asyncDispose]() {},
}))

test('remembers 10,000 callers, and of them who asked last', async () => {
  const counter = new MemoryRateCounter()
  const countOf = async (key: string) => (await counter.count(key, 60_000)).current
  await countOf('regular')
  for (let i = 0; i < 25_000; i++) {
    await countOf(`caller-${i}`)
    if (i % 5_000 === 0) await countOf('regular')
  }
  expect(counter.size).toBe(10_000)
  expect(await countOf('regular')).toBe(7)
  expect(await countOf('caller-0')).toBe(1)
})
