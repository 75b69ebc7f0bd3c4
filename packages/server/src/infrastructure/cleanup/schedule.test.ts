import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../system-clock.ts'
import { startCleanupSchedule } from './schedule.ts'

function lines() {
  const written: string[] = []
  const add = (message: string) => {
    written.push(message)
  }
  return { written, log: { debug: add, info: add, warn: add, error: add } }
}

describe('the schedule of cleanup', () => {
  it('waits first, goes on while there is more, and runs again', async () => {
    const { log, written } = lines()
    const answers = [true, true, false]
    let runs = 0
    const run = async () => {
      runs++
      return { sessions: 1, purged: 0, more: answers.shift() ?? false }
    }
    const schedule = startCleanupSchedule({ run, clock: systemClock, log, everyMs: 20 })
    expect(runs).toBe(0)
    while (runs < 4) await sleep(5)
    await schedule.stop()
    expect(written[0]).toBe('cleaned up')
    const before = runs
    await sleep(60)
    expect(runs).toBe(before)
  })

  it('outlives a run that fails', async () => {
    const { log, written } = lines()
    let runs = 0
    const run = async () => {
      runs++
      throw new Error('the disk')
    }
    const schedule = startCleanupSchedule({ run, clock: systemClock, log, everyMs: 5 })
    while (runs < 2) await sleep(5)
    await schedule.stop()
    expect(written).toContain('cleanup failed; it is tried again in an hour')
  })
})
