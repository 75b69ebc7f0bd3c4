import { DEFAULT_KEY, internalKeys } from './access.ts'
import { databaseUrl, postgresUrl } from './database-url.ts'
import { givenModels } from './model-entries.ts'
import type { Parser } from './parsers.ts'
import * as read from './parsers.ts'
import { contractVersion } from './version.ts'

/** One row of the table: where a setting may come from, how its text is read, what it means. */
export interface Setting<T> {
  /** The environment variable, and the name that reports use. */
  readonly name: string
  /** The variable of the service that this one replaces. */
  readonly legacy?: string
  readonly flag?: string
  /** Where it lies in codelab.jsonc, dotted. */
  readonly path?: string
  readonly about: string
  /** `whole`: the value is never shown. `password`: only a password inside it is hidden. Both may come from a file, `NAME_FILE`. */
  readonly secret?: 'whole' | 'password'
  /** In codelab.jsonc an object stands there, which is read as its JSON text. */
  readonly takesObject?: true
  /** Accepted for compatibility; nothing reads it. */
  readonly unused?: true
  readonly parse: Parser<T>
  /** The default, as a person would write it. */
  readonly fallback?: string
}

type Row<T> = Omit<Setting<T>, 'fallback'>

function setting<T>(row: Row<T>, fallback: string): Setting<T> {
  return { ...row, fallback }
}

/** A setting without a default: its value is undefined when nobody sets it. */
function optional<T>(row: Row<T>): Setting<T | undefined> {
  return row
}

function limit(name: string, path: string, about: string, parse: Parser<number>, fallback: number): Setting<number> {
  return { name: `CODELAB_${name}`, path: `limits.${path}`, about, parse, fallback: String(fallback) }
}

const ms = read.milliseconds(1)
const msOrZero = read.milliseconds(0)

/** Every setting there is. Names, defaults: PROTOCOL 1.1, DESIGN §2.6 and §8. */
export const settings = {
  host: setting(
    { name: 'HOST', flag: 'host', path: 'host', about: 'address to listen on', parse: read.host },
    '127.0.0.1',
  ),
  port: setting(
    { name: 'PORT', flag: 'port', path: 'port', about: 'port to listen on; 0 takes a free one', parse: read.port },
    '8001',
  ),
  environment: setting(
    {
      name: 'CODELAB_ENV',
      about: '"production" refuses the default and short keys, as NODE_ENV does',
      parse: read.text,
    },
    'development',
  ),
  database: setting(
    {
      name: 'CODELAB_DATABASE_URL',
      legacy: 'AGENT_RUNTIME__DB_URL',
      flag: 'database',
      path: 'database.url',
      about: 'sqlite:///relative/path, sqlite:////absolute/path, or postgres://user:password@host/name',
      secret: 'password',
      parse: databaseUrl,
    },
    'sqlite:///data/agent_runtime.db',
  ),
  durability: setting(
    {
      name: 'CODELAB_DURABILITY',
      path: 'database.durability',
      about: 'full survives a power cut, normal a crash',
      parse: read.oneOf('full', 'normal'),
    },
    'full',
  ),
  databasePool: setting(
    {
      name: 'CODELAB_DATABASE_POOL',
      path: 'database.pool',
      about: 'connections to PostgreSQL at most',
      parse: read.count('connections', 2, 1_000),
    },
    '10',
  ),
  databaseStatementMs: setting(
    {
      name: 'CODELAB_DATABASE_STATEMENT_MS',
      path: 'database.statementMs',
      about: 'the longest that one statement may take on PostgreSQL',
      parse: ms,
    },
    '30000',
  ),
  databasePrepare: setting(
    {
      name: 'CODELAB_DATABASE_PREPARE',
      path: 'database.prepare',
      about: 'keep statements prepared on PostgreSQL; false behind a pooler that knows nothing of that',
      parse: read.strictSwitch,
    },
    'true',
  ),
  databaseListenUrl: optional({
    name: 'CODELAB_DATABASE_LISTEN_URL',
    path: 'database.listenUrl',
    about: 'PostgreSQL without the pooler in between, for what replicas tell each other',
    secret: 'password',
    parse: postgresUrl,
  }),
  replicaSilentMs: setting(
    {
      name: 'CODELAB_REPLICA_SILENT_MS',
      path: 'replicas.silentMs',
      about: 'how long a replica on PostgreSQL may be silent before others take over what it works on',
      parse: read.count('milliseconds', 1_000, 600_000),
    },
    '10000',
  ),
  keys: setting(
    {
      name: 'CODELAB_INTERNAL_API_KEY',
      legacy: 'AGENT_RUNTIME__INTERNAL_API_KEY',
      path: 'access.internalApiKey',
      about: 'key that callers send as x-internal-auth; a list "current,next" while it is changed',
      secret: 'whole',
      parse: internalKeys,
    },
    DEFAULT_KEY,
  ),
  authUrl: optional({
    name: 'CODELAB_AUTH_URL',
    path: 'access.authUrl',
    about: 'base URL of the auth service that /oauth/token and /.well-known/jwks.json are passed on to',
    secret: 'password',
    parse: read.httpUrl,
  }),
  model: optional({
    name: 'CODELAB_MODEL',
    legacy: 'AGENT_RUNTIME__LLM_MODEL',
    flag: 'model',
    path: 'model',
    about: 'alias of CODELAB_MODELS, or a model id; openai:ID, anthropic:ID or proxy:ID names the provider too',
    parse: read.text,
  }),
  models: optional({
    name: 'CODELAB_MODELS',
    path: 'models',
    about: 'models by alias, with provider, id, limits, price and fallback; an object, in the environment as JSON',
    secret: 'password',
    takesObject: true,
    parse: givenModels,
  }),
  proxyUrl: optional({
    name: 'CODELAB_LLM_PROXY_URL',
    legacy: 'AGENT_RUNTIME__LLM_PROXY_URL',
    path: 'providers.proxy.url',
    about: 'base URL of the CodeLab LLM Proxy, without /v1',
    secret: 'password',
    parse: read.proxyUrl,
  }),
  openaiKey: optional({
    name: 'OPENAI_API_KEY',
    path: 'providers.openai.apiKey',
    about: 'key of OpenAI or of a compatible server',
    secret: 'whole',
    parse: read.secret,
  }),
  openaiUrl: optional({
    name: 'OPENAI_BASE_URL',
    path: 'providers.openai.baseUrl',
    about: 'base URL of a compatible server, with its /v1',
    secret: 'password',
    parse: read.httpUrl,
  }),
  anthropicKey: optional({
    name: 'ANTHROPIC_API_KEY',
    path: 'providers.anthropic.apiKey',
    about: 'key of Anthropic',
    secret: 'whole',
    parse: read.secret,
  }),
  anthropicUrl: optional({
    name: 'ANTHROPIC_BASE_URL',
    path: 'providers.anthropic.baseUrl',
    about: 'base URL of Anthropic, when it is not api.anthropic.com',
    secret: 'password',
    parse: read.anthropicUrl,
  }),
  multiAgent: setting(
    {
      name: 'CODELAB_MULTI_AGENT_MODE',
      legacy: 'AGENT_RUNTIME__MULTI_AGENT_MODE',
      path: 'multiAgentMode',
      about: 'five agents; otherwise one universal agent',
      parse: read.lenientSwitch,
    },
    'true',
  ),
  agentsDir: optional({
    name: 'CODELAB_AGENTS_DIR',
    path: 'agentsDir',
    about: 'folder of your own agents, one .md file each',
    parse: read.path,
  }),
  hitlApprove: setting(
    {
      name: 'HITL_APPROVE',
      about: 'run carries an approved call out; acknowledge only tells the model (internal, for recordings)',
      parse: read.oneOf('run', 'acknowledge'),
    },
    'run',
  ),
  hitlStrict: setting(
    {
      name: 'HITL_STRICT',
      path: 'approvals.strict',
      about: 'refuse a tool result for a call that still awaits its approval',
      parse: read.strictSwitch,
    },
    'false',
  ),
  maskKeys: setting(
    {
      name: 'CODELAB_MASK_KEYS',
      path: 'privacy.maskKeys',
      about: 'keys, tokens and passwords in what models read are masked; false sends them as they are',
      parse: read.strictSwitch,
    },
    'true',
  ),
  logLevel: setting(
    {
      name: 'CODELAB_LOG_LEVEL',
      legacy: 'AGENT_RUNTIME__LOG_LEVEL',
      flag: 'log-level',
      path: 'log.level',
      about: 'DEBUG, INFO, WARNING, ERROR or CRITICAL',
      parse: read.logLevel,
    },
    'INFO',
  ),
  logFormat: setting(
    {
      name: 'LOG_FORMAT',
      path: 'log.format',
      about: 'auto is pretty on a terminal and json elsewhere',
      parse: read.oneOf('auto', 'json', 'pretty'),
    },
    'auto',
  ),
  version: setting(
    { name: 'AGENT_RUNTIME__VERSION', about: 'version that /health and the OpenAPI page report', parse: read.text },
    contractVersion,
  ),
  announceFile: optional({
    name: 'CODELAB_ANNOUNCE_FILE',
    about: 'file that the server writes its address to once it listens',
    parse: read.path,
  }),
  idleExitMs: setting(
    { name: 'CODELAB_IDLE_EXIT_MS', about: 'end after so long without work; 0 is never', parse: msOrZero },
    '0',
  ),
  upstreamConnectMs: limit('UPSTREAM_CONNECT_MS', 'upstreamConnectMs', 'wait for a connection to the model', ms, 5_000),
  upstreamHeadersMs: limit('UPSTREAM_HEADERS_MS', 'upstreamHeadersMs', 'wait for its response headers', ms, 60_000),
  upstreamFirstDataMs: limit('UPSTREAM_FIRST_DATA_MS', 'upstreamFirstDataMs', 'wait for its first data', ms, 180_000),
  upstreamIdleMs: limit('UPSTREAM_IDLE_MS', 'upstreamIdleMs', 'wait between its data', ms, 60_000),
  upstreamTotalMs: limit('UPSTREAM_TOTAL_MS', 'upstreamTotalMs', 'a call that is not streamed, in all', ms, 360_000),
  upstreamRetries: limit('UPSTREAM_RETRIES', 'upstreamRetries', 'tries after the first', read.count('tries', 0, 10), 2),
  breakerFailures: limit(
    'BREAKER_FAILURES',
    'breakerFailures',
    'model calls in a row that find the upstream away until it is left alone',
    read.count('model calls', 1, 10_000),
    5,
  ),
  breakerWindowMs: limit('BREAKER_WINDOW_MS', 'breakerWindowMs', 'time within which they have to fail', ms, 30_000),
  breakerOpenMs: limit('BREAKER_OPEN_MS', 'breakerOpenMs', 'how long the upstream is left alone', ms, 15_000),
  runMs: limit('RUN_MS', 'runMs', 'active time of a run', ms, 600_000),
  turnSteps: limit('TURN_STEPS', 'turnSteps', 'model calls in a turn', read.count('model calls', 1, 10_000), 50),
  turnTokens: limit(
    'TURN_TOKENS',
    'turnTokens',
    'tokens of a turn: output and input that was not cached',
    read.count('tokens', 1, 1_000_000_000),
    1_000_000,
  ),
  answerBytes: limit(
    'ANSWER_BYTES',
    'answerBytes',
    'longest answer of the model',
    read.count('bytes', 1_024, 67_108_864),
    2_097_152,
  ),
  queueLength: limit(
    'QUEUE_LENGTH',
    'queueLength',
    'inputs that may wait in a session',
    read.count('inputs', 0, 1_000),
    8,
  ),
  queueWaitMs: limit('QUEUE_WAIT_MS', 'queueWaitMs', 'wait of an input in the queue', ms, 120_000),
  drainMs: limit('DRAIN_MS', 'drainMs', 'how long a reader may leave a full connection unread', ms, 60_000),
  shutdownMs: limit('SHUTDOWN_MS', 'shutdownMs', 'grace time of a stop', msOrZero, 25_000),
  socketAccess: optional({
    name: 'CODELAB_SOCKET_ACCESS',
    path: 'access.sockets',
    about: 'who may open a WebSocket without the key: local, session-capability, or required (nobody)',
    parse: read.oneOf('local', 'session-capability', 'required'),
  }),
  jwtJwksUrl: optional({
    name: 'CODELAB_JWT_JWKS_URL',
    path: 'access.jwt.jwksUrl',
    about: 'where the public keys of tokens are; with it tokens are accepted',
    parse: read.httpUrl,
  }),
  jwtSecret: optional({
    name: 'CODELAB_JWT_SECRET',
    path: 'access.jwt.secret',
    about: 'the secret of tokens that are signed with HS256, instead of public keys',
    secret: 'whole',
    parse: read.secret,
  }),
  jwtIssuer: optional({
    name: 'CODELAB_JWT_ISSUER',
    path: 'access.jwt.issuer',
    about: 'their `iss`',
    parse: read.text,
  }),
  jwtAudience: optional({
    name: 'CODELAB_JWT_AUDIENCE',
    path: 'access.jwt.audience',
    about: 'their `aud`',
    parse: read.text,
  }),
  jwtAlgorithms: optional({
    name: 'CODELAB_JWT_ALGORITHMS',
    path: 'access.jwt.algorithms',
    about: 'how they may be signed, with commas: RS256, ES256, EdDSA',
    parse: read.jwtAlgorithms,
  }),
  allowedHosts: setting(
    {
      name: 'CODELAB_ALLOWED_HOSTS',
      path: 'access.hosts',
      about: 'names that the server is called by, with commas; on loopback only localhost is without it',
      parse: read.hostNames,
    },
    'none',
  ),
  corsOrigins: setting(
    {
      name: 'CODELAB_CORS_ORIGINS',
      path: 'access.origins',
      about: 'origins whose web pages may call it, with commas, such as https://ide.example',
      parse: read.origins,
    },
    'none',
  ),
  rateLimit: setting(
    {
      name: 'CODELAB_RATE_LIMIT',
      path: 'limits.rate',
      about: 'requests of one key, and inputs of one session: off, or such as 60/min, 5/s, 1000/h',
      parse: read.rate,
    },
    'off',
  ),
  maxStreams: limit('MAX_STREAMS', 'maxStreams', 'open stream answers', read.count('streams', 1, 1_000_000), 2_000),
  maxStreamsPerUser: limit(
    'MAX_STREAMS_PER_USER',
    'maxStreamsPerUser',
    'open stream answers of one person, and as many sockets; the internal key has no such limit',
    read.count('streams', 1, 1_000_000),
    20,
  ),
  maxLoopDelayMs: limit(
    'MAX_LOOP_DELAY_MS',
    'maxLoopDelayMs',
    'delay of the event loop from which new turns are refused; 0 is never',
    msOrZero,
    1_500,
  ),
  minFreeDiskBytes: limit(
    'MIN_FREE_DISK_BYTES',
    'minFreeDiskBytes',
    'free space beside the database below which the server is not ready, at most a twentieth of the disk',
    read.count('bytes', 0, 1_000_000_000_000),
    67_108_864,
  ),
  cleanupAfter: setting(
    {
      name: 'CODELAB_CLEANUP_AFTER',
      path: 'cleanup.after',
      about: 'sessions without activity for so long go: 30d; empty:24h only those without a message; off',
      parse: read.cleanupRule,
    },
    'empty:24h',
  ),
  purgeAfter: setting(
    {
      name: 'CODELAB_PURGE_AFTER',
      path: 'cleanup.purgeAfter',
      about: 'a deleted session is gone for good after so long: 7d',
      parse: read.duration,
    },
    '7d',
  ),
  gatewayUrl: unused('GATEWAY_URL'),
  maxConcurrentRequests: unused('MAX_CONCURRENT_REQUESTS'),
  requestTimeout: unused('REQUEST_TIMEOUT'),
} as const satisfies Record<string, Setting<unknown>>

function unused(name: string): Setting<string | undefined> {
  return {
    name: `AGENT_RUNTIME__${name}`,
    about: 'of the service before this one',
    secret: 'password',
    unused: true,
    parse: read.text,
  }
}

export type SettingKey = keyof typeof settings

type ValueOf<S> = S extends Setting<infer T> ? T : never

/** The value of each setting, parsed. */
export type Values = { readonly [K in SettingKey]: ValueOf<(typeof settings)[K]> }

/** The variables that may set it, own name first, each secret's file form after the plain one. */
export function variablesOf(row: Setting<unknown>): readonly string[] {
  const names = row.legacy === undefined ? [row.name] : [row.name, row.legacy]
  return row.secret === undefined || row.unused ? names : [...names, ...names.map((name) => `${name}_FILE`)]
}
