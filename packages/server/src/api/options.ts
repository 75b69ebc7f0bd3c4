import type { Log } from '../application/index.ts'

export interface HealthState {
  readonly status: 'healthy' | 'degraded' | 'unhealthy'
  /** For whoever has the key: nothing secret, no paths. */
  readonly details: Readonly<Record<string, unknown>>
}

export interface ApiOptions {
  /** Accepted values of `x-internal-auth`; at least one. */
  readonly keys: readonly string[]
  readonly version: string
  /** Whose sessions the internal key sees. */
  readonly ownerId: string
  readonly model: { readonly provider: string; readonly model: string }
  readonly log: Log
  readonly requestId: () => string
  readonly health: () => Promise<HealthState>
  /** A silent stream gets a comment this often. */
  readonly heartbeatMs: number
  /** A reader whose socket takes nothing for this long is cut. */
  readonly drainMs: number
}
