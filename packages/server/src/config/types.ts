import type { CleanupSettings } from '../domain/cleanup.ts'
import type { ModelFacts } from '../domain/model.ts'
import type { JwtSettings } from './jwt.ts'
import type { LogLevel, Rate } from './parsers.ts'
import type { Problem } from './problems.ts'

/** Which model answers. `demo` only when no model setting of any kind was given. */
export type ModelChoice =
  | { readonly kind: 'demo' }
  /** The CodeLab LLM Proxy (PROTOCOL 7): `url` without `/v1`; `key` goes out as X-Internal-Auth, to this URL only. */
  | { readonly kind: 'llm-proxy'; readonly url: string; readonly model: string; readonly key: string }
  /** `url` with its `/v1`, without a slash at the end. */
  | { readonly kind: 'openai-compatible'; readonly url: string; readonly apiKey?: string; readonly model: string }
  /** `baseUrl` always ends with `/v1`. */
  | { readonly kind: 'anthropic'; readonly apiKey: string; readonly baseUrl: string; readonly model: string }

/** A model that can be named, and how to reach it. */
export interface ModelEntry extends ModelFacts {
  readonly choice: ModelChoice
  /** The settings that hold its key and its address, where they are not its provider's own. */
  readonly settings?: { readonly key: string; readonly url: string }
}

/** Times in milliseconds, sizes in bytes; meanings and defaults: DESIGN §2.6 and §8. */
export interface Limits {
  readonly upstreamConnectMs: number
  readonly upstreamHeadersMs: number
  readonly upstreamFirstDataMs: number
  readonly upstreamIdleMs: number
  /** A call that is not streamed, in all. */
  readonly upstreamTotalMs: number
  /** Tries after the first. */
  readonly upstreamRetries: number
  /** Model calls in a row that find the upstream away until it is left alone. */
  readonly breakerFailures: number
  readonly breakerWindowMs: number
  readonly breakerOpenMs: number
  readonly runMs: number
  /** Model calls in a turn. */
  readonly turnSteps: number
  /** Output and uncached input of a turn. */
  readonly turnTokens: number
  readonly answerBytes: number
  /** Inputs that may wait in a session. */
  readonly queueLength: number
  readonly queueWaitMs: number
  /** How long a reader may leave a full connection unread. */
  readonly drainMs: number
  readonly shutdownMs: number
}

export type DatabaseChoice =
  /** Absolute path; its folder may not exist yet. */
  | { readonly kind: 'sqlite'; readonly file: string }
  /** With user and password. */
  | { readonly kind: 'postgres'; readonly url: string }

export interface DatabasePool {
  readonly connections: number
  /** The longest that one statement may take. */
  readonly statementMs: number
  /** Whether statements are kept prepared. */
  readonly prepares: boolean
}

/** What the process was told, checked and frozen. It holds secrets: never log it whole. */
export interface Config {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly production: boolean
  readonly database: DatabaseChoice
  readonly durability: 'full' | 'normal'
  /** Of a database that is reached by connections. */
  readonly databasePool: DatabasePool
  /** Straight to the database, where the other address goes through a pooler. */
  readonly databaseListenUrl: string | undefined
  /** How long a replica may say nothing before others take what it owns. */
  readonly replicaSilentMs: number
  /** Accepted from callers, all of them; at least one. */
  readonly keys: readonly string[]
  /** Base URL of the auth service that requests for tokens are passed on to. */
  readonly authUrl?: string
  /** Who may open a WebSocket without the key. */
  readonly socketAccess: 'local' | 'session-capability' | 'required'
  /** Absent: no tokens are accepted. */
  readonly jwt?: JwtSettings
  /** Names that the server is called by beside those of this machine; null: any. Origins whose pages may call it. */
  readonly browsers: { readonly hosts: readonly string[] | null; readonly origins: readonly string[] }
  readonly version: string
  readonly multiAgent: boolean
  readonly logLevel: LogLevel
  readonly logFormat: 'auto' | 'json' | 'pretty'
  readonly hitl: { readonly approve: 'run' | 'acknowledge'; readonly strict: boolean }
  /** Whether keys are masked before a model reads them. */
  readonly maskKeys: boolean
  /** Who answers unless an agent or a session names another: the first of `models`. */
  readonly model: ModelChoice
  /** All that can be named, at least one; their aliases differ. */
  readonly models: readonly [ModelEntry, ...ModelEntry[]]
  /** Absolute path. */
  readonly agentsDir?: string
  /** Absolute path. */
  readonly announceFile?: string
  /** 0: never. */
  readonly idleExitMs: number
  readonly cleanup: CleanupSettings
  readonly limits: Limits
  readonly protection: Protection
}

/** What keeps the server from collapsing (DESIGN §8). */
export interface Protection {
  readonly rateLimit: Rate | 'off'
  /** Stream answers that are open at once. */
  readonly maxStreams: number
  /** Of one person: stream answers, and as many sockets. */
  readonly maxStreamsPerUser: number
  /** 0: never. */
  readonly maxLoopDelayMs: number
  readonly minFreeDiskBytes: number
}

/** Where to look: flags by name without the dashes (`log-level`), the process's environment, the working directory. */
export interface ConfigSources {
  readonly flags: Readonly<Record<string, string>>
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
}

/** One setting as a person may see it: secrets are described, not shown. `value` is null when it is not set. */
export interface ConfigEntry {
  readonly name: string
  readonly value: string | null
  /** `environment`, `.env:2`, `codelab.jsonc:18:9`, `--port`, `default`. */
  readonly source: string
  /** The name that set it, where that is not `name`: the legacy one, a file form, a path in codelab.jsonc. */
  readonly via?: string
  readonly about: string
  /** Accepted, and read by nothing. */
  readonly unused?: true
}

/** All that was read, wrong or not. `config` is missing when there are problems. */
export interface ConfigReading {
  readonly config?: Config
  readonly entries: readonly ConfigEntry[]
  /** The files that were read, as a person would name them. */
  readonly files: readonly string[]
  readonly problems: readonly Problem[]
  /** Not wrong enough to stop: an unknown variable, a short key on loopback. */
  readonly warnings: readonly Problem[]
}

export interface LoadedConfig extends ConfigReading {
  readonly config: Config
}
