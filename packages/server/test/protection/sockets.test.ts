import { expect, test } from 'vitest'
import { isSound, runSockets } from './sockets-campaign.ts'

test('500 idle and slow sockets: turns go on, memory does not grow with them', async () => {
  const report = await runSockets({ sockets: 500, seconds: 3 })
  expect(report.sockets).toBeGreaterThan(400)
  expect(report.turns).toBeGreaterThan(60)
  expect(report.failedTurns).toBe(0)
  expect(isSound(report)).toBe(true)
})

test('500 idle WebSockets: none is closed, turns go on', async () => {
  const report = await runSockets({ sockets: 500, seconds: 3, webSockets: true })
  // Counted by descriptors, of which the connections to the model are some.
  expect(report.sockets).toBeGreaterThan(490)
  expect(report.closedByServer).toBe(0)
  expect(report.failedTurns).toBe(0)
  expect(isSound(report)).toBe(true)
})
