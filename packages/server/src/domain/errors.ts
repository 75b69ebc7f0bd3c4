/** Every failure the runtime knows; a closed set. The wire carries the same names. */
export type ErrorCode =
  | 'invalid_input'
  | 'message_too_long'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'session_exists'
  | 'session_busy'
  | 'session_deleted'
  | 'idempotency_key_reused'
  | 'unknown_call'
  | 'call_answered'
  | 'call_superseded'
  | 'approval_not_pending'
  | 'invalid_decision'
  | 'agent_unknown'
  | 'agent_unchanged'
  | 'switch_limit'
  | 'tool_not_allowed'
  | 'tool_arguments_invalid'
  | 'path_not_allowed'
  | 'rate_limited'
  | 'overloaded'
  | 'shutting_down'
  | 'storage_busy'
  | 'storage_unavailable'
  | 'upstream_unavailable'
  | 'upstream_timeout'
  | 'upstream_auth'
  | 'upstream_rejected'
  | 'upstream_rate_limited'
  | 'upstream_incomplete'
  | 'upstream_bad_response'
  | 'circuit_open'
  | 'context_too_long'
  | 'answer_too_long'
  | 'step_limit'
  | 'token_limit'
  | 'run_timeout'
  | 'loop'
  | 'cancelled'
  | 'interrupted'
  | 'lease_lost'
  | 'internal'

/** Facts about a failure. Never shown whole: `hint` and `retryAfterMs` reach the client, the rest stays in the log. */
export interface ErrorDetails {
  /** What to do about it, one sentence for a person. */
  readonly hint?: string
  /** How long the other side asked us to wait. */
  readonly retryAfterMs?: number
  /** HTTP status of an upstream. */
  readonly status?: number
  readonly [fact: string]: unknown
}

/** The one error class. `message` is for a person and safe to show, except for the code `internal`; `cause` is for the log. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: ErrorDetails } = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }

  /** Whatever was thrown, as one of ours: an unknown failure is `internal` and keeps its cause. */
  static from(thrown: unknown): RuntimeError {
    if (thrown instanceof RuntimeError) return thrown
    return new RuntimeError('internal', 'Internal server error', { cause: thrown })
  }
}
