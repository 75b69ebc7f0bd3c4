import type { Clock } from '../../src/application/ports/clock.ts'

interface Timer {
  readonly due: number
  readonly order: number
  readonly fire: () => void
}

const startOfTime = 1_800_000_000_000

/** Time that passes only when the simulation says so. Timers fire one by one, in order. */
export class VirtualTime {
  #now = 0
  #order = 0
  readonly #timers = new Set<Timer>()

  get now(): number {
    return this.#now
  }

  get pending(): number {
    return this.#timers.size
  }

  /** Fires the timer that is due first. False: there is none. */
  advance(): boolean {
    let first: Timer | undefined
    for (const timer of this.#timers) {
      if (!first || timer.due < first.due || (timer.due === first.due && timer.order < first.order)) first = timer
    }
    if (!first) return false
    this.#timers.delete(first)
    this.#now = first.due
    first.fire()
    return true
  }

  /** A clock for one life of the process: with the process its timers go. */
  clock(): VirtualClock {
    return new VirtualClock(this)
  }

  add(ms: number, fire: () => void): Timer {
    const timer = { due: this.#now + Math.max(0, ms), order: this.#order++, fire }
    this.#timers.add(timer)
    return timer
  }

  remove(timer: Timer): void {
    this.#timers.delete(timer)
  }
}

export class VirtualClock implements Clock {
  readonly #time: VirtualTime
  readonly #timers = new Set<Timer>()
  #stopped = false

  constructor(time: VirtualTime) {
    this.#time = time
  }

  now(): number {
    return startOfTime + Math.round(this.#time.now)
  }

  monotonic(): number {
    return this.#time.now
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (this.#stopped) return
      if (signal?.aborted) return resolve()
      const end = () => {
        this.#time.remove(timer)
        this.#timers.delete(timer)
        signal?.removeEventListener('abort', end)
        resolve()
      }
      const timer = this.#time.add(ms, end)
      this.#timers.add(timer)
      signal?.addEventListener('abort', end, { once: true })
    })
  }

  /** Whoever sleeps never wakes. */
  stop(): void {
    this.#stopped = true
    for (const timer of this.#timers) this.#time.remove(timer)
    this.#timers.clear()
  }
}
