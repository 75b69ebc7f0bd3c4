import { expect, it } from 'vitest'
import { rollOver } from './rolling.ts'

it('restarts three replicas under 20 live streams: every client and every reader has every answer whole', {
  timeout: 300_000,
}, async () => {
  const report = await rollOver(20)
  expect(report.faults.join('\n')).toBe('')
  // Some answers were cut, and written once more by another replica.
  expect(report.again).toBeGreaterThan(0)
  expect(report.most).toBe(2)
  expect(report.resets).toBeGreaterThan(0)
})
