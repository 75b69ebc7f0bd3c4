import { type ErrorCode, type ErrorDetails, RuntimeError } from '../../../domain/errors.ts'
import type { LimitName } from './limits.ts'

/** How far a request had come when it broke. */
export type Progress = 'sent' | 'answering'

const prefix = 'LLM request failed: '
const longestUpstreamText = 300
/** A wait longer than this is the person's decision, not ours. */
const longestRetryAfterMs = 30_000
/** What is beyond this is a mistake of the upstream or of its clock. */
const longestToldMs = 24 * 60 * 60 * 1000
const tooLong =
  /context_length_exceeded|context[ _](length|window|size)|maximum (context|prompt)|prompt is too long|too many (input )?tokens|input is too long/i
/** A thinking signature or a reasoning item that the provider does not take back. */
const opaqueRefused = /signature|thinking|reasoning|encrypted_content/i
const overloaded = new Set([502, 503, 504, 529])

/** The settings that a person has to look at, by provider. */
const settings: Readonly<Record<string, { readonly key: string; readonly url: string } | undefined>> = {
  'llm-proxy': { key: 'AGENT_RUNTIME__INTERNAL_API_KEY', url: 'AGENT_RUNTIME__LLM_PROXY_URL' },
  'openai-compatible': { key: 'OPENAI_API_KEY', url: 'OPENAI_BASE_URL' },
  anthropic: { key: 'ANTHROPIC_API_KEY', url: 'ANTHROPIC_BASE_URL' },
}

/** A failure of the upstream. `retry` says whether the same request may be sent again, as long as nothing of an answer was passed on. */
export function upstreamFailure(
  code: ErrorCode,
  reason: string,
  details: ErrorDetails & { readonly retry: boolean },
  cause?: unknown,
): RuntimeError {
  const { upstreamText, ...facts } = details
  const text = typeof upstreamText === 'string' && upstreamText !== '' ? { upstreamText: shorten(upstreamText) } : {}
  return new RuntimeError(code, prefix + reason, { details: { ...facts, ...text }, cause })
}

export function badResponse(reason: string, upstreamText?: string): RuntimeError {
  return upstreamFailure('upstream_bad_response', reason, { retry: false, upstreamText })
}

export function incomplete(facts: { readonly retry: boolean }, cause?: unknown): RuntimeError {
  return upstreamFailure('upstream_incomplete', 'the answer ended too early', facts, cause)
}

export function cancelled(): RuntimeError {
  return upstreamFailure('cancelled', 'cancelled', { retry: false })
}

export function answerTooLong(answerBytes: number): RuntimeError {
  return upstreamFailure('answer_too_long', `the answer is longer than ${answerBytes} bytes`, {
    retry: false,
    hint: 'Ask for a shorter answer, or raise CODELAB_ANSWER_BYTES.',
  })
}

/** A call that is not streamed is never sent again after a time-out: it has been paid for (PROTOCOL 7.3). */
export function timedOut(limit: LimitName | 'connect'): RuntimeError {
  return upstreamFailure('upstream_timeout', 'timeout', { retry: limit !== 'total', limit })
}

/** A status other than 2xx. `text` is the body, as far as it was read. */
export function failureOfStatus(
  provider: string,
  status: number,
  facts: {
    readonly text?: string | undefined
    readonly retryAfter?: string | null | undefined
    /** The `Date` of the same answer. */
    readonly date?: string | null | undefined
  } = {},
): RuntimeError {
  const text = facts.text ?? ''
  const retryAfterMs = readRetryAfter(facts.retryAfter, facts.date)
  const soon = retryAfterMs === undefined || retryAfterMs <= longestRetryAfterMs
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs }
  const reason = `upstream returned ${status}`
  const fail = (code: ErrorCode, retry: boolean, hint?: string): RuntimeError =>
    upstreamFailure(code, reason, { status, retry, ...wait, ...(hint ? { hint } : {}), upstreamText: text })

  const named = settings[provider]
  if (status === 401 || status === 403) return fail('upstream_auth', false, named && `Check ${named.key}.`)
  if (status === 429) return fail('upstream_rate_limited', soon && !text.includes('insufficient_quota'))
  if (status === 408) return fail('upstream_timeout', false)
  if (status >= 500) return fail('upstream_unavailable', soon && overloaded.has(status))
  if (status === 413 || ((status === 400 || status === 422) && tooLong.test(text))) {
    return fail('context_too_long', false, 'Start a new session, or choose a model with a larger context.')
  }
  if (status === 404) return fail('upstream_rejected', false, named && `Check the model's name and ${named.url}.`)
  if (status < 400) return fail('upstream_rejected', false, named && `Redirects are not followed: check ${named.url}.`)
  const error = fail('upstream_rejected', false)
  if (!opaqueRefused.test(text)) return error
  return new RuntimeError(error.code, error.message, { details: { ...error.details, opaqueRefused: true } })
}

/** An error that arrived inside a 200, as `error` of a body or of an event. Its status, where it has one, counts as the status. */
export function failureOfError(
  provider: string,
  error: { readonly status?: number | undefined; readonly text: string },
): RuntimeError {
  const { status, text } = error
  if (status !== undefined && status >= 400 && status < 600) return failureOfStatus(provider, status, { text })
  if (tooLong.test(text)) return failureOfStatus(provider, 400, { text })
  return badResponse('upstream reported an error', text)
}

const sockets: Readonly<Record<string, readonly [reason: string, retry: boolean]>> = {
  ECONNREFUSED: ['connection refused', true],
  ECONNRESET: ['connection reset', true],
  EPIPE: ['connection reset', true],
  UND_ERR_SOCKET: ['connection reset', true],
  ENOTFOUND: ['host not found', false],
  EAI_AGAIN: ['host not found', false],
  EHOSTUNREACH: ['host not reachable', false],
  ENETUNREACH: ['host not reachable', false],
}

/** Whatever the connection threw. Once the answer had begun, a broken connection means that it is incomplete. */
export function failureOfTransport(provider: string, thrown: unknown, progress: Progress): RuntimeError {
  const codes = codesOf(thrown)
  if (codes.some((code) => code === 'UND_ERR_CONNECT_TIMEOUT' || code === 'ETIMEDOUT')) return timedOut('connect')
  if (progress === 'answering') return incomplete({ retry: true }, thrown)
  const known = codes.map((code) => sockets[code]).find((entry) => entry !== undefined)
  const [reason, retry] = known ?? ['connection failed', false]
  const named = settings[provider]
  const hint = named === undefined ? {} : { hint: `Is the model's server running? Check ${named.url}.` }
  return upstreamFailure('upstream_unavailable', reason, { retry, ...hint }, thrown)
}

/** Whether it was the connection that failed, and not what came through it. */
export function isOfTransport(thrown: unknown): boolean {
  return codesOf(thrown).length > 0
}

/** Codes of an error, of its causes and, where several addresses were tried, of each try. */
function codesOf(thrown: unknown, depth = 0): string[] {
  if (!(thrown instanceof Error) || depth > 5) return []
  const own = 'code' in thrown && typeof thrown.code === 'string' ? [thrown.code] : []
  const tries = thrown instanceof AggregateError ? thrown.errors.flatMap((each) => codesOf(each, depth + 1)) : []
  return [...own, ...tries, ...codesOf(thrown.cause, depth + 1)]
}

/** `Retry-After`, seconds or a date, in milliseconds; at most a day. A date is told by the clock of the upstream, so it is measured against
 *  the `Date` of its answer: ours may be wrong. */
export function readRetryAfter(value: string | null | undefined, date: string | null | undefined): number | undefined {
  const text = value?.trim()
  if (!text) return undefined
  const waitMs = /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * 1000) : Date.parse(text) - timeOf(date)
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(0, waitMs), longestToldMs)
}

function timeOf(date: string | null | undefined): number {
  const time = Date.parse(date ?? '')
  return Number.isNaN(time) ? Date.now() : time
}

function shorten(text: string): string {
  return text.slice(0, longestUpstreamText).toWellFormed()
}
