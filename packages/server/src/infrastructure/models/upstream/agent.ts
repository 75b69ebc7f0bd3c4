import { Agent } from '../../undici.ts'
import type { UpstreamLimits } from './limits.ts'

const keepAliveMs = 75_000
const mostConnections = 1024

/** The connections to one upstream. HTTP/1.1 on purpose: a connection that breaks takes one answer with it, not all of them.
 *  Header and body time limits are off here, because they differ between streamed and other requests: see TimeLimits. */
export function createUpstreamAgent(limits: Pick<UpstreamLimits, 'connectMs'>): Agent {
  return new Agent({
    connect: { timeout: limits.connectMs },
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: keepAliveMs,
    connections: mostConnections,
    allowH2: false,
  })
}
