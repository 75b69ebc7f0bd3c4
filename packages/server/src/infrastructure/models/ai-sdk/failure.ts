import { APICallError } from '@ai-sdk/provider'
import { RuntimeError } from '../../../domain/errors.ts'
import {
  badResponse,
  failureOfError,
  failureOfStatus,
  failureOfTransport,
  isOfTransport,
  type Progress,
} from '../upstream/failure.ts'
import { fieldsOf, textIn } from '../upstream/fields.ts'

/** Types of errors that a provider reports inside a stream, as the status they would have had. */
const statuses: Readonly<Record<string, number>> = {
  overloaded_error: 529,
  rate_limit_error: 429,
  api_error: 500,
  authentication_error: 401,
  permission_error: 403,
  invalid_request_error: 400,
  request_too_large: 413,
}

/** Whatever a provider package threw or reported. Its errors hold the whole request, so they are never kept as a cause. */
export function failureOfSdk(provider: string, thrown: unknown, progress: Progress): RuntimeError {
  if (thrown instanceof RuntimeError) return thrown
  const error = fieldsOf<'message' | 'statusCode' | 'type'>(thrown)
  const text = textIn(error.message)
  if (isOfTransport(thrown)) {
    const called = APICallError.isInstance(thrown)
    const answering = progress === 'answering' || (called && thrown.statusCode !== undefined)
    return failureOfTransport(provider, called ? thrown.cause : thrown, answering ? 'answering' : 'sent')
  }
  if (APICallError.isInstance(thrown)) {
    const { statusCode, responseHeaders, responseBody } = thrown
    const status = statusCode === 200 ? statusIn(responseBody) : statusCode
    if (status === undefined) return unreadable(responseBody ?? text)
    const { 'retry-after': retryAfter, date } = responseHeaders ?? {}
    return failureOfStatus(provider, status, { text: responseBody ?? text, retryAfter, date })
  }
  const type = textIn(error.type)
  if (type !== '' || typeof error.statusCode === 'number') {
    const status = typeof error.statusCode === 'number' ? error.statusCode : statuses[type]
    return failureOfError(provider, { status, text: `${type} ${text}` })
  }
  return unreadable(text)
}

function unreadable(text: string): RuntimeError {
  return badResponse('upstream sent an answer that is not readable', text)
}

/** The error of a stream's first event is reported with the stream's own status. */
function statusIn(body: string | undefined): number | undefined {
  const named = Object.keys(statuses).find((type) => body?.includes(type))
  return named === undefined ? undefined : statuses[named]
}
