import type { AuthService, Log, RateCounter, TokenVerifier } from '../application/index.ts'
import type { BrowserOptions } from './http/browser-safety.ts'
import type { SocketAccess } from './socket/socket-access.ts'

export interface HealthState {
  readonly status: 'healthy' | 'degraded' | 'unhealthy'
  /** For whoever has the key: nothing secret, no paths. */
  readonly details: Readonly<Record<string, unknown>>
}

/** So many requests in so long. */
export interface Rate {
  readonly max: number
  readonly windowMs: number
}

/** What is refused before it costs anything. */
export interface ProtectionOptions {
  /** Of each key on REST, of each session on the stream. */
  readonly rateLimit: Rate | 'off'
  /** Requests without a valid key, of each address. */
  readonly strangers: Rate
  /** What counts the requests of callers; what strangers ask is counted by `strangersCounter`. */
  readonly counter: RateCounter
  readonly strangersCounter: RateCounter
  /** Stream answers that are open at once. */
  readonly maxStreams: number
  /** Of one person: stream answers, and as many sockets. */
  readonly maxStreamsPerUser: number
  /** Too much to do: nothing new is taken, what runs goes on. */
  readonly overloaded: () => boolean
}

/** A setting as a person may see it: secrets are described, not shown. */
export interface ShownSetting {
  readonly name: string
  readonly value: string | null
  readonly source: string
  readonly about: string
}

/** What is counted for Prometheus. */
export interface MeterOptions {
  /** A request is over. */
  request(row: { readonly route: string; readonly method: string; readonly status: string }): void
  /** Everything that is counted, in the text format. */
  show(gauges: { readonly streamsOpen: number }): Promise<{ readonly contentType: string; readonly text: string }>
}

export interface ApiOptions {
  /** Accepted values of `x-internal-auth`; at least one. */
  readonly keys: readonly string[]
  readonly version: string
  readonly model: { readonly provider: string; readonly model: string }
  readonly log: Log
  readonly requestId: () => string
  readonly health: () => Promise<HealthState>
  /** A silent stream gets a comment this often. */
  readonly heartbeatMs: number
  /** A reader whose socket takes nothing for this long is cut. */
  readonly drainMs: number
  /** Who may open a socket without the key. */
  readonly socketAccess: SocketAccess
  readonly browsers: BrowserOptions
  readonly protection: ProtectionOptions
  readonly meters: MeterOptions
  /** Whether a page on this machine is signed in without a key: there is none but the default one. */
  readonly openSignIn: boolean
  /** What the process was told. */
  readonly settings: readonly ShownSetting[]
  /** Where the built console is. */
  readonly consoleFolder: string
  /** Who gives out tokens; absent, nobody does. */
  readonly auth?: AuthService
  /** Absent: no tokens are accepted. */
  readonly tokens?: TokenVerifier
}
