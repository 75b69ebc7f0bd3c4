import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'

const resolutionMs = 50
const windowMs = 2_000
/** So many windows in a row before the state changes: one long garbage collection is no overload, one quiet moment no recovery. */
const windowsToChange = 2

/** Shares of the heap that V8 may use. */
const heapFull = 0.92
const heapEased = 0.8

/** What one window saw. */
export interface LoadSample {
  readonly loopDelayMs: number
  /** Share of the heap limit that is used, 0 to 1. */
  readonly heap: number
}

/** Whether there is too much to do, so that it does not flap: in above the limits, out below half of the delay and with room in the heap. */
export class Overload {
  readonly #maxLoopDelayMs: number
  #overloaded = false
  #against = 0

  /** `maxLoopDelayMs` 0: the delay of the event loop does not count. */
  constructor(maxLoopDelayMs: number) {
    this.#maxLoopDelayMs = maxLoopDelayMs
  }

  get overloaded(): boolean {
    return this.#overloaded
  }

  add({ loopDelayMs, heap }: LoadSample): void {
    const max = this.#maxLoopDelayMs
    const delayed = max > 0 && loopDelayMs > (this.#overloaded ? max / 2 : max)
    const full = heap > (this.#overloaded ? heapEased : heapFull)
    this.#against = (delayed || full) === this.#overloaded ? 0 : this.#against + 1
    if (this.#against < windowsToChange) return
    this.#overloaded = !this.#overloaded
    this.#against = 0
  }
}

/** Watches how late the event loop is and how full the heap. */
export class LoadMonitor implements Disposable {
  readonly #histogram: IntervalHistogram
  readonly #timer: NodeJS.Timeout
  readonly #overload: Overload
  #loopDelayMs = 0

  constructor(maxLoopDelayMs: number) {
    this.#overload = new Overload(maxLoopDelayMs)
    this.#histogram = monitorEventLoopDelay({ resolution: resolutionMs })
    this.#histogram.enable()
    this.#timer = setInterval(() => this.#look(), windowMs).unref()
  }

  get overloaded(): boolean {
    return this.#overload.overloaded
  }

  /** The 99th percentile of the last window, in milliseconds. */
  get loopDelayMs(): number {
    return this.#loopDelayMs
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#histogram.disable()
  }

  #look(): void {
    const delay = this.#histogram.count === 0 ? 0 : this.#histogram.percentile(99) / 1e6 - resolutionMs
    this.#histogram.reset()
    this.#loopDelayMs = Math.max(0, Math.round(delay))
    const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
    this.#overload.add({ loopDelayMs: this.#loopDelayMs, heap: used / limit })
  }
}
