import type { Clock } from '../src/application/ports/clock.ts'
import { systemClock } from '../src/infrastructure/system-clock.ts'

/** The clock of the machine, whose time of day jumps when the test says so. The time that passes is not touched, as with a real clock. */
export class JumpingClock implements Clock {
  #aheadMs = 0

  jump(ms: number): void {
    this.#aheadMs += ms
  }

  now(): number {
    return systemClock.now() + this.#aheadMs
  }

  monotonic(): number {
    return systemClock.monotonic()
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal)
  }
}
