import { expect, test } from 'vitest'
import { play } from './play.ts'
import { tasks } from './tasks/index.ts'

test.concurrent.for(tasks)('$name: $title', { timeout: 120_000 }, async (task) => {
  const { passed, reason } = await play(task, undefined)
  expect(passed, reason).toBe(true)
})
