import type { ErrorChunk, StreamRefusal } from '@codelab/protocol'
import { ApiError } from '@codelab/protocol'
import type { Failure } from './events.ts'

type ErrorFrame = StreamRefusal | (typeof ErrorChunk)['_output']

const kept = 'Your message and the results are kept. Say it again, or go on with something else.'

const hints: Readonly<Record<string, string>> = {
  tool_not_allowed: 'Switch to another agent for this: /agent coder',
  path_not_allowed: 'Switch to another agent for this: /agent coder',
  agent_unknown: '/agent lists the agents.',
  upstream_unavailable: kept,
  upstream_timeout: kept,
  upstream_rate_limited: kept,
  upstream_incomplete: kept,
  upstream_bad_response: kept,
  circuit_open: kept,
  upstream_auth: 'The server has no valid key for the model. Set it where the server runs; codelab doctor checks it.',
  context_too_long: 'The session is too long for the model. /new starts another one.',
  session_deleted: '/new starts another one.',
  step_limit: 'What was done is kept. Say "go on" to continue.',
  token_limit: 'What was done is kept. Say "go on" to continue.',
  run_timeout: kept,
  shutting_down: 'The server is stopping. Say it again in a moment.',
  interrupted: kept,
}

/** Codes of refusals that say: this call is settled, somebody or something was faster. */
export const settledCodes: ReadonlySet<string> = new Set([
  'unknown_call',
  'call_answered',
  'call_superseded',
  'approval_not_pending',
])

export function failureOfFrame(frame: ErrorFrame): Failure {
  const wait = frame.retry_after === undefined ? undefined : `Try again in ${Math.ceil(frame.retry_after)} s.`
  const hint = wait ?? hints[frame.code]
  const message = frame.error || frame.content
  const { code, retryable, request_id: requestId } = frame
  return {
    code,
    message,
    retryable: retryable ?? false,
    ...(hint ? { hint } : {}),
    ...(requestId ? { requestId } : {}),
  }
}

/** A request that was answered with a status. */
export function failureOfAnswer(error: ApiError): Failure {
  const requestId = error.requestId === undefined ? {} : { requestId: error.requestId }
  if (error.status === 401) {
    return {
      code: 'unauthorized',
      message: 'The server refused the key',
      hint: 'Start codelab again with the right key.',
      retryable: false,
    }
  }
  if (error.status === 413) {
    return {
      code: 'message_too_long',
      message: 'The message is too long for the server',
      retryable: false,
      ...requestId,
    }
  }
  return { code: error.code, message: error.message, retryable: error.status >= 500, ...requestId }
}

/** Whether nothing can have reached the server: the connection was refused. */
export function neverArrived(error: unknown): boolean {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const code = (at as NodeJS.ErrnoException).code
    if (code === 'ECONNREFUSED' || code === 'ENOTFOUND') return true
    if (at instanceof AggregateError && at.errors.some((inner) => neverArrived(inner))) return true
  }
  return false
}

export function isAnswer(error: unknown): error is ApiError {
  return error instanceof ApiError
}
