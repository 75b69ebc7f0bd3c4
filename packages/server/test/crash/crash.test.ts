import { expect, it } from 'vitest'
import { killPoints } from './points.ts'
import { type StoryReport, tellStory } from './story.ts'

const seconds = 1000

it('loses nothing that was shown, whenever it is killed', { timeout: 300 * seconds }, async () => {
  // Together they pass every point once; a busy machine needs its time for each start.
  const seeds = [1, 2]
  const reports: StoryReport[] = []
  for (const seed of seeds) reports.push(await tellStory(seed))
  expect(reports.flatMap((report) => report.faults).join('\n\n')).toBe('')
  const reached = new Set(reports.flatMap((report) => [...report.kills.keys()]))
  expect([...reached].sort()).toEqual([...killPoints].sort())
})
