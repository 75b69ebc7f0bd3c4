import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { LoadMonitor, Overload } from './load-monitor.ts'

const calm = { loopDelayMs: 10, heap: 0.3 }
const late = { loopDelayMs: 1_600, heap: 0.3 }
const full = { loopDelayMs: 10, heap: 0.95 }

function states(overload: Overload, samples: readonly { loopDelayMs: number; heap: number }[]): boolean[] {
  return samples.map((sample) => {
    overload.add(sample)
    return overload.overloaded
  })
}

describe('overload', () => {
  it('begins with the second late window in a row and ends with the second calm one', () => {
    expect(states(new Overload(1_500), [late, calm, late, late, calm, late, calm, calm])).toEqual([
      false,
      false,
      false,
      true,
      true,
      true,
      true,
      false,
    ])
  })

  it('does not end while the delay is above half of the limit', () => {
    const half = { loopDelayMs: 800, heap: 0.3 }
    expect(states(new Overload(1_500), [late, late, half, half, half])).toEqual([false, true, true, true, true])
    expect(states(new Overload(1_500), [half, half, half])).toEqual([false, false, false])
  })

  it('counts a full heap, also where the delay does not count', () => {
    const room = { loopDelayMs: 5_000, heap: 0.85 }
    expect(states(new Overload(0), [late, late, late])).toEqual([false, false, false])
    expect(states(new Overload(0), [full, full, room, room, calm, calm])).toEqual([
      false,
      true,
      true,
      true,
      true,
      false,
    ])
  })
})

it('sees an event loop that is held up', async () => {
  using monitor = new LoadMonitor(40)
  for (const until = Date.now() + 20_000; !monitor.overloaded && Date.now() < until; ) {
    for (const end = Date.now() + 150; Date.now() < end; );
    await sleep(1)
  }
  expect(monitor.overloaded).toBe(true)
  expect(monitor.loopDelayMs).toBeGreaterThan(40)
})
