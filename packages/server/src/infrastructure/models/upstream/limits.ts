/** How long and how much an upstream may take. Times in milliseconds. */
export interface UpstreamLimits {
  /** Until the connection stands. */
  readonly connectMs: number
  /** A streamed request, from its start to the status line. */
  readonly headersMs: number
  /** From the status line to the first piece of the answer. */
  readonly firstDataMs: number
  /** Between two pieces of the answer; comments and empty events do not count. */
  readonly idleMs: number
  /** A request that is not streamed, from start to end. */
  readonly totalMs: number
  /** Longest answer, all text, reasoning and arguments together, in bytes of UTF-8. */
  readonly answerBytes: number
}

export type LimitName = 'headers' | 'first-data' | 'idle' | 'total'

/** The time limits of one request. One limit runs at a time; when it passes, or when the caller cancels, `signal` fires. */
export class TimeLimits {
  readonly signal: AbortSignal
  readonly #stop = new AbortController()
  readonly #cancel: AbortSignal
  readonly #onCancel = (): void => this.#stop.abort()
  #timer: NodeJS.Timeout | undefined
  #passed: LimitName | undefined

  constructor(cancel: AbortSignal) {
    this.signal = this.#stop.signal
    this.#cancel = cancel
    if (cancel.aborted) this.#stop.abort()
    else cancel.addEventListener('abort', this.#onCancel, { once: true })
  }

  get cancelled(): boolean {
    return this.#cancel.aborted
  }

  /** The limit that ended the request, if one did. */
  get passed(): LimitName | undefined {
    return this.#passed
  }

  /** Replaces the limit that runs. */
  arm(name: LimitName, ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.#passed = name
      this.#stop.abort()
    }, ms)
  }

  /** Starts the running limit anew. */
  restart(): void {
    this.#timer?.refresh()
  }

  /** After this no limit runs and the caller's signal is let go. */
  end(): void {
    clearTimeout(this.#timer)
    this.#cancel.removeEventListener('abort', this.#onCancel)
  }
}
