import {
  type ErrorBody,
  ErrorCode,
  type RateLimitBody,
  type StreamRefusal,
  type ValidationErrorBody,
} from '@codelab/protocol'
import { type Failure, RuntimeError } from '../application/index.ts'
import type { Rate } from './options.ts'

/** REST only: on the stream a code travels in a frame (DESIGN 8). A code without a status does not compile. */
const httpStatus = {
  invalid_input: 422,
  message_too_long: 413,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  session_exists: 409,
  session_busy: 409,
  session_deleted: 404,
  idempotency_key_reused: 409,
  unknown_call: 404,
  call_answered: 409,
  call_superseded: 409,
  approval_not_pending: 409,
  invalid_decision: 422,
  agent_unknown: 400,
  agent_unchanged: 400,
  switch_limit: 400,
  tool_not_allowed: 403,
  tool_arguments_invalid: 422,
  path_not_allowed: 403,
  rate_limited: 429,
  overloaded: 503,
  shutting_down: 503,
  storage_busy: 503,
  storage_unavailable: 503,
  upstream_unavailable: 503,
  upstream_timeout: 504,
  upstream_auth: 502,
  upstream_rejected: 502,
  upstream_rate_limited: 503,
  upstream_incomplete: 502,
  upstream_bad_response: 502,
  circuit_open: 503,
  context_too_long: 422,
  answer_too_long: 502,
  step_limit: 409,
  token_limit: 409,
  run_timeout: 504,
  loop: 409,
  cancelled: 409,
  interrupted: 409,
  lease_lost: 503,
  internal: 500,
} as const satisfies Record<ErrorCode, number>

/** The same request may succeed a little later. */
const retryable: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'session_busy',
  'rate_limited',
  'overloaded',
  'shutting_down',
  'storage_busy',
  'storage_unavailable',
  'upstream_unavailable',
  'upstream_timeout',
  'upstream_rate_limited',
  'upstream_incomplete',
  'upstream_bad_response',
  'circuit_open',
  'interrupted',
  'lease_lost',
])

const defaultRetryAfterSeconds = 5

/** A refusal that only HTTP knows: an unknown path, a body that is too large. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  readonly code: ErrorCode
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, code: ErrorCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.headers = headers
  }
}

/** Too many requests: the 429 of PROTOCOL 10.7. `retryAfterMs` until there may be one again. */
export class RateLimitError extends Error {
  override readonly name = 'RateLimitError'
  readonly limit: number
  readonly windowMs: number
  readonly retryAfter: number

  constructor({ max, windowMs }: Rate, retryAfterMs: number) {
    super('Too many requests')
    this.limit = max
    this.windowMs = windowMs
    this.retryAfter = Math.max(1, Math.ceil(retryAfterMs / 1000))
  }
}

/** One entry of the 422 that shipped clients know (PROTOCOL 1.3). */
export interface Fault {
  readonly type: string
  /** `body`, `query`, `path` or `header`, then the way to the value. */
  readonly loc: (string | number)[]
  readonly msg: string
  readonly input?: unknown
}

/** The input does not have the right shape: the 422 of PROTOCOL 1.3. */
export class ValidationError extends Error {
  override readonly name = 'ValidationError'
  readonly faults: readonly Fault[]

  constructor(faults: readonly Fault[]) {
    super(faults.map((fault) => `${fault.loc.join('.')}: ${fault.msg}`).join('; '))
    this.faults = faults
  }
}

/** The fault of a body that is something other than a JSON object. */
export const notAnObject = {
  type: 'model_attributes_type',
  msg: 'Input should be a valid dictionary or object to extract fields from',
} as const

/** The body claims to be something other than JSON. */
export function notAJsonType(): ValidationError {
  return new ValidationError([{ ...notAnObject, loc: ['body'] }])
}

/** A failure as REST answers it. */
export interface FailureAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: ErrorBody | RateLimitBody | ValidationErrorBody
}

export function failureAnswer(given: unknown, requestId: string): FailureAnswer {
  const thrown = asRefusal(given)
  if (thrown instanceof ValidationError) {
    const { faults, message } = thrown
    const body = { detail: [...faults], error: message, code: 'invalid_input' as const, request_id: requestId }
    return { status: 422, headers: {}, body }
  }
  if (thrown instanceof HttpError) {
    const { status, code, headers, message } = thrown
    return { status, headers, body: { detail: message, error: message, code, request_id: requestId } }
  }
  if (thrown instanceof RateLimitError) return rateLimitAnswer(thrown, requestId)
  const error = RuntimeError.from(thrown)
  const text = shownText(error)
  const { hint } = error.details
  return {
    status: httpStatus[error.code],
    headers: retryHeaders(error),
    body: { detail: text, error: text, code: error.code, ...(hint ? { hint } : {}), request_id: requestId },
  }
}

const windowNames: Readonly<Record<number, string>> = { 1000: '1 second', 60000: '1 minute', 3600000: '1 hour' }

function rateLimitAnswer({ message, limit, windowMs, retryAfter }: RateLimitError, requestId: string): FailureAnswer {
  const window = windowNames[windowMs] ?? `${Math.ceil(windowMs / 1000)} seconds`
  const body = {
    error: message,
    detail: message,
    limit,
    window,
    retry_after: retryAfter,
    code: 'rate_limited' as const,
    hint: `Try again in ${retryAfter} s.`,
    request_id: requestId,
  }
  return { status: 429, headers: { 'retry-after': String(retryAfter) }, body }
}

/** `data` of `event: error`: refused before a run began. */
export function streamRefusal(error: RuntimeError, requestId: string): StreamRefusal {
  const text = shownText(error)
  return {
    type: 'error',
    error: text,
    content: text,
    is_final: true,
    code: error.code,
    retryable: retryable.has(error.code),
    ...retryAfter(error.details.retryAfterMs),
    request_id: requestId,
  }
}

/** The failure of a run, in the words of the wire. */
export function streamFailure(failure: Failure, requestId: string) {
  const parsed = ErrorCode.safeParse(failure.code)
  const code = parsed.success ? parsed.data : 'internal'
  const text = code === 'internal' ? internalText : failure.text
  return {
    type: 'error' as const,
    content: text,
    is_final: true as const,
    requires_approval: false as const,
    error: text,
    code,
    retryable: retryable.has(code),
    ...retryAfter(failure.retryAfterMs),
    request_id: requestId,
  }
}

/** Whether the log should hold the cause: the fault is ours or of what we stand on. */
export function isServerFault(given: unknown): boolean {
  const thrown = asRefusal(given)
  if (thrown instanceof ValidationError || thrown instanceof HttpError || thrown instanceof RateLimitError) return false
  const { code } = RuntimeError.from(thrown)
  return httpStatus[code] >= 500 && code !== 'shutting_down' && code !== 'overloaded'
}

const internalText = 'Internal server error'

/** The message of `internal` never leaves the house. */
function shownText(error: RuntimeError): string {
  return error.code === 'internal' ? internalText : error.message
}

/** The same failure where there is no status to say it with. */
export function withoutStatus(thrown: unknown): RuntimeError {
  return thrown instanceof HttpError ? new RuntimeError(thrown.code, thrown.message) : RuntimeError.from(thrown)
}

/** What the HTTP framework refuses is the client's fault, and says so with its status. */
function asRefusal(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !('statusCode' in thrown)) return thrown
  const { statusCode } = thrown
  if (statusCode === 415) return notAJsonType()
  if (typeof statusCode !== 'number' || statusCode >= 500 || thrown instanceof ValidationError) return thrown
  return new RuntimeError('invalid_input', 'The request cannot be read', { cause: thrown })
}

function retryHeaders(error: RuntimeError): Record<string, string> {
  const { retryAfterMs } = error.details
  const status = httpStatus[error.code]
  if (retryAfterMs === undefined && status !== 503 && status !== 429) return {}
  return { 'retry-after': String(seconds(retryAfterMs) ?? defaultRetryAfterSeconds) }
}

function retryAfter(ms: number | undefined): { readonly retry_after?: number } {
  const value = seconds(ms)
  return value === undefined ? {} : { retry_after: value }
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.max(1, Math.ceil(ms / 1000))
}
