import { expect, test } from 'vitest'
import { runCampaign } from './malformed-campaign.ts'

test('2,000 malformed requests: no fault of the server, no hang, no growth', async () => {
  const report = await runCampaign({ count: 2_000, seed: 20_260 })
  expect(report.failures).toEqual([])
  expect(report.hangs).toBe(0)
  expect(report.sent).toBe(2_000)
  // That it was malformed, and that some got as far as the operations.
  expect(report.answers['422']).toBeGreaterThan(200)
  expect(report.answers['200']).toBeGreaterThan(50)
  expect(report.rssGrowthBytes).toBeLessThan(100 * 1024 * 1024)
})
