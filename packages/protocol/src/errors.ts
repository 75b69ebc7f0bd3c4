import { z } from 'zod'

/** Every failure a client can be told about; a closed set. A client decides by the code, a person reads the text. */
export const errorCodes = [
  'invalid_input',
  'message_too_long',
  'unauthorized',
  'forbidden',
  'not_found',
  'session_exists',
  'session_busy',
  'session_deleted',
  'idempotency_key_reused',
  'unknown_call',
  'call_answered',
  'call_superseded',
  'approval_not_pending',
  'invalid_decision',
  'agent_unknown',
  'agent_unchanged',
  'switch_limit',
  'tool_not_allowed',
  'tool_arguments_invalid',
  'path_not_allowed',
  'rate_limited',
  'overloaded',
  'shutting_down',
  'storage_busy',
  'storage_unavailable',
  'upstream_unavailable',
  'upstream_timeout',
  'upstream_auth',
  'upstream_rejected',
  'upstream_rate_limited',
  'upstream_incomplete',
  'upstream_bad_response',
  'circuit_open',
  'context_too_long',
  'answer_too_long',
  'step_limit',
  'token_limit',
  'run_timeout',
  'loop',
  'cancelled',
  'interrupted',
  'lease_lost',
  'internal',
] as const

export const ErrorCode = z.enum(errorCodes)
export type ErrorCode = z.infer<typeof ErrorCode>

/** Body of a REST failure. `detail` and `error` hold the same text; both dialects of the service it replaces are readable. */
export const ErrorBody = z
  .object({
    detail: z.string().describe('What happened, for a person.'),
    error: z.string().describe('The same text as `detail`.'),
    code: ErrorCode,
    hint: z.string().optional().describe('What to do about it.'),
    request_id: z.string().describe('Quote it when you report a problem; it stands in the log of the server.'),
  })
  .meta({ id: 'ErrorBody', description: 'A failure.' })
export type ErrorBody = z.infer<typeof ErrorBody>

/** Body of a 429: a failure, and the keys that the service it replaces answered with. */
export const RateLimitBody = ErrorBody.extend({
  limit: z.number().int().describe('Requests that are allowed in a window.'),
  window: z.string().describe('How long a window is, in words.'),
  retry_after: z.number().int().describe('Seconds until there may be another request.'),
}).meta({ id: 'RateLimitBody', description: 'Too many requests.' })
export type RateLimitBody = z.infer<typeof RateLimitBody>

/** Body of a 422: one entry for each fault, `loc` says where (`body`, `query`, `path` or `header` first). */
export const ValidationErrorBody = z
  .object({
    detail: z.array(
      z.object({
        type: z.string(),
        loc: z.array(z.union([z.string(), z.number()])),
        msg: z.string(),
        input: z.unknown().optional(),
      }),
    ),
    error: z.string(),
    code: ErrorCode,
    request_id: z.string(),
  })
  .meta({ id: 'ValidationErrorBody', description: 'The input does not have the right shape.' })
export type ValidationErrorBody = z.infer<typeof ValidationErrorBody>

/** Body of a 401, exactly this. */
export const UnauthorizedBody = z
  .object({ detail: z.literal('unauthorized') })
  .meta({ id: 'UnauthorizedBody', description: 'The header x-internal-auth is missing or wrong.' })
