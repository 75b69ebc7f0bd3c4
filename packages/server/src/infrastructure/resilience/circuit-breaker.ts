import { type CircuitBreakerPolicy, CircuitState, circuitBreaker, handleWhen, type IBreaker } from 'cockatiel'
import { BegunStream } from '../../application/ports/begun-stream.ts'
import type { Clock } from '../../application/ports/clock.ts'
import type { LanguageModel } from '../../application/ports/language-model.ts'
import type { Log } from '../../application/ports/log.ts'
import { type ErrorCode, RuntimeError } from '../../domain/errors.ts'

export interface BreakerOptions {
  /** Calls in a row that have to fail, within `windowMs`, until it opens. */
  readonly failures: number
  readonly windowMs: number
  /** How long it stays open before one call may try again. */
  readonly openMs: number
  readonly clock: Clock
  readonly log: Log
}

export interface BreakerState {
  readonly state: 'closed' | 'open' | 'half_open'
  /** Calls that failed in a row, those that still count. */
  readonly failures: number
  /** Until a call may try again; 0 unless it is open. */
  readonly retryAfterMs: number
}

/** The upstream was not there. Everything else (a refused request, a full quota, a bad answer, a cancel) says that it is. */
const away: ReadonlySet<ErrorCode> = new Set(['upstream_unavailable', 'upstream_timeout', 'upstream_incomplete'])

/** Leaves an upstream alone that is away, so that nobody waits for it and it can come back. One for all models of an upstream.
 *
 *  cockatiel keeps the states; the time is ours, because its own follows the wall clock, and so is the single probe, because it lets
 *  other calls wait for the probe's end. */
export class Breaker {
  readonly #options: BreakerOptions
  readonly #recent: RecentFailures
  readonly #policy: CircuitBreakerPolicy
  #openUntil = 0
  #probing = false

  constructor(options: BreakerOptions) {
    this.#options = options
    this.#recent = new RecentFailures(options)
    const counts = handleWhen((error) => isAway(error) || (this.#probing && isCancelled(error)))
    // It would compare times of day, which may have jumped back since; this is less than every difference.
    this.#policy = circuitBreaker(counts, { breaker: this.#recent, halfOpenAfter: Number.NEGATIVE_INFINITY })
    this.#policy.onBreak((reason) => this.#opened('error' in reason ? reason.error : undefined))
    this.#policy.onReset(() => options.log.info('the upstream is back, circuit closed'))
  }

  get state(): BreakerState {
    const retryAfterMs = Math.max(0, Math.ceil(this.#openUntil - this.#options.clock.monotonic()))
    const failures = this.#recent.count()
    if (this.#policy.state === CircuitState.Closed) return { state: 'closed', failures, retryAfterMs: 0 }
    if (this.#probing || retryAfterMs === 0) return { state: 'half_open', failures, retryAfterMs: 0 }
    return { state: 'open', failures, retryAfterMs }
  }

  /** Throws `circuit_open` instead of doing the work while the upstream is left alone. */
  async execute<T>(work: () => Promise<T>): Promise<T> {
    if (this.#policy.state === CircuitState.Closed) return await this.#policy.execute(work)
    const { retryAfterMs } = this.state
    if (retryAfterMs > 0) throw circuitOpen(retryAfterMs)
    if (this.#probing) throw circuitOpen(1_000)
    this.#probing = true
    try {
      return await this.#policy.execute(work)
    } finally {
      this.#probing = false
    }
  }

  #opened(error: unknown): void {
    const { clock, log, openMs } = this.#options
    // A probe that somebody cancelled says nothing: the next call is another one.
    const waitMs = isCancelled(error) ? 0 : openMs
    this.#openUntil = clock.monotonic() + waitMs
    if (waitMs > 0) log.warn('the upstream is away, circuit open', { failures: this.#recent.count(), openMs })
  }
}

/** Failures in a row that lie within the window. */
class RecentFailures implements IBreaker {
  state: unknown
  readonly #options: BreakerOptions
  #times: number[] = []

  constructor(options: BreakerOptions) {
    this.#options = options
  }

  count(): number {
    const oldest = this.#options.clock.monotonic() - this.#options.windowMs
    return this.#times.filter((time) => time > oldest).length
  }

  success(): void {
    this.#times = []
  }

  failure(): boolean {
    this.#times = [...this.#times, this.#options.clock.monotonic()].slice(-this.#options.failures)
    return this.count() >= this.#options.failures
  }
}

/** The model behind a breaker, which is told of each call how it came to its first event. It goes round the retry: a call counts once,
 *  however often it was tried, so that one message alone never opens it; the retry asks `state` before it tries again. */
export function withBreaker(model: LanguageModel, breaker: Breaker): LanguageModel {
  return {
    provider: model.provider,
    model: model.model,
    stream: (request, signal) =>
      new BegunStream(() =>
        breaker.execute(async () => {
          const rest = model.stream(request, signal)[Symbol.asyncIterator]()
          return { first: await rest.next(), rest }
        }),
      ),
  }
}

function isAway(error: unknown): boolean {
  if (!(error instanceof RuntimeError) || !away.has(error.code)) return false
  const { status } = error.details
  return status === undefined || status >= 500
}

function isCancelled(error: unknown): boolean {
  return error instanceof RuntimeError && error.code === 'cancelled'
}

/** The text is PROTOCOL 10.7's. */
function circuitOpen(retryAfterMs: number): RuntimeError {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000))
  return new RuntimeError(
    'circuit_open',
    `Circuit breaker is OPEN. Service unavailable. Retry after ${seconds} seconds.`,
    {
      details: {
        retryAfterMs,
        retry: false,
        hint: 'The server of the model does not answer; it is tried again by itself.',
      },
    },
  )
}
