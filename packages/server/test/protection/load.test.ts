import { expect, test } from 'vitest'
import { runLoad } from './load-test.ts'

test('50 streams for 3 seconds: every token in order, once', async () => {
  const report = await runLoad({ streams: 50, seconds: 3 })
  expect(report.faults).toEqual([])
  expect(report.tokens).toBe(50 * 30)
})
