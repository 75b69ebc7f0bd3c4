import type { ErrorCode, RuntimeError } from '../../domain/errors.ts'

/** Whether another model may do what this one could not: what is wrong with a request or a key stays to be seen. */
export function isAway({ code }: RuntimeError): boolean {
  return away.has(code)
}

const away: ReadonlySet<ErrorCode> = new Set([
  'upstream_unavailable',
  'upstream_timeout',
  'upstream_rate_limited',
  'upstream_incomplete',
  'circuit_open',
])
