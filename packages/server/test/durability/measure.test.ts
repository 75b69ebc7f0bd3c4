import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { measure, mechanisms } from './measure.ts'

test.each(mechanisms)('the measurement of %s counts commits that took as long as their sync', async (mechanism) => {
  const slowerMs = 20
  const options = { mechanism, slowerMs, writers: 8, seconds: 0.3, folder: tmpdir() }
  const { commitsPerSecond, cpuMicrosPerCommit, commitMs } = await measure(options)
  expect(commitsPerSecond).toBeGreaterThan(0)
  expect(cpuMicrosPerCommit).toBeGreaterThan(0)
  if (mechanism !== 'normal') expect(commitMs.p50).toBeGreaterThanOrEqual(slowerMs - 2)
  if (mechanism === 'full') expect(commitsPerSecond).toBeLessThanOrEqual(1000 / (slowerMs - 2))
})
