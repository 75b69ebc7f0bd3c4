import { type Begun, BegunStream } from '../../application/ports/begun-stream.ts'
import type { Clock } from '../../application/ports/clock.ts'
import type { LanguageModel, ModelEvent, ModelRequest } from '../../application/ports/language-model.ts'
import type { Log } from '../../application/ports/log.ts'
import { type ErrorCode, RuntimeError } from '../../domain/errors.ts'

export interface RetryOptions {
  /** Attempts after the first one; 2 by default. */
  readonly retries?: number
  readonly clock: Clock
  /** A number in [0, 1). */
  readonly random: () => number
  readonly log: Log
  /** The wait before the first retry is at most this, then twice as much, and so on; 1 s by default. */
  readonly baseMs?: number
  /** No wait of our own is longer; 10 s by default. */
  readonly maxMs?: number
  /** Asked before every further attempt; false ends it with the failure there was. */
  readonly mayRetry?: () => boolean
  readonly onRetry?: (retry: Retry) => void
}

export interface Retry {
  readonly request: ModelRequest
  /** Number of the attempt that failed, from 1. */
  readonly attempt: number
  readonly waitMs: number
  readonly code: ErrorCode
}

/** The model, asked again when it failed before its first event. Which failures are worth it is the adapter's knowledge
 *  (`details.retry`); `details.retryAfterMs` replaces our own wait. The `finish` event, or what is thrown in the end, carries the attempts;
 *  of a first one that broke off after it began there is nothing to say.
 *
 *  Not cockatiel: its retry wraps a promise, while here an attempt is over with the stream's first event, and its wait neither ends with
 *  the signal nor takes a clock. */
export function withRetry(model: LanguageModel, options: RetryOptions): LanguageModel {
  return {
    provider: model.provider,
    model: model.model,
    stream: (request, signal) => new BegunStream(() => begin(model, options, request, signal)),
  }
}

async function begin(
  model: LanguageModel,
  options: RetryOptions,
  request: ModelRequest,
  signal: AbortSignal,
): Promise<Begun<ModelEvent>> {
  for (let attempt = 1; ; attempt += 1) {
    const events = model.stream(request, signal)
    const rest = attempt > 1 ? counted(events, attempt) : events[Symbol.asyncIterator]()
    try {
      return { first: await rest.next(), rest }
    } catch (thrown) {
      const error = RuntimeError.from(thrown)
      const worthIt = attempt <= (options.retries ?? 2) && error.details['retry'] === true
      const allowed = !signal.aborted && (options.mayRetry?.() ?? true)
      if (!worthIt || !allowed) throw withAttempts(error, attempt)
      await wait(
        model,
        options,
        { request, attempt, waitMs: waitAfter(error, attempt, options), code: error.code },
        signal,
      )
      if (signal.aborted) throw withAttempts(cancelled(), attempt)
    }
  }
}

async function* counted(events: AsyncIterable<ModelEvent>, attempts: number): AsyncGenerator<ModelEvent> {
  try {
    for await (const event of events) yield event.type === 'finish' ? { ...event, attempts } : event
  } catch (thrown) {
    throw withAttempts(RuntimeError.from(thrown), attempts)
  }
}

async function wait(model: LanguageModel, options: RetryOptions, retry: Retry, signal: AbortSignal): Promise<void> {
  const { attempt, waitMs, code } = retry
  options.log.warn('model call failed, asking again', {
    provider: model.provider,
    model: model.model,
    attempt,
    waitMs,
    code,
  })
  options.onRetry?.(retry)
  await options.clock.sleep(waitMs, signal)
}

/** Full jitter: anything from nothing to the whole wait, so that those who failed together do not come back together. */
function waitAfter(error: RuntimeError, attempt: number, options: RetryOptions): number {
  const { retryAfterMs } = error.details
  if (retryAfterMs !== undefined) return retryAfterMs
  const { baseMs = 1_000, maxMs = 10_000 } = options
  return Math.round(options.random() * Math.min(maxMs, baseMs * 2 ** (attempt - 1)))
}

function withAttempts(error: RuntimeError, attempts: number): RuntimeError {
  return new RuntimeError(error.code, error.message, { cause: error.cause, details: { ...error.details, attempts } })
}

function cancelled(): RuntimeError {
  return new RuntimeError('cancelled', 'LLM request failed: cancelled', { details: { retry: false } })
}
