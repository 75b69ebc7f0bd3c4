import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Log } from '../application/ports/log.ts'
import type {
  ApiKeyList,
  BackupFile,
  CleanupReport,
  CreatedApiKey,
  DeadLetters,
  Operator,
  PauseState,
  ReplayedDeadLetters,
  RevokedApiKeys,
  SessionTimeline,
  Usage,
  UsageWanted,
} from '../compose/operator.ts'
import { type Config, ConfigError, type ConfigSources, loadConfig } from '../config.ts'
import { RuntimeError } from '../domain/errors.ts'
import { localUrl } from './banner.ts'
import type { CommandOutput } from './config.ts'
import { isLocked } from './doctor/database.ts'
import { ask, type Reply } from './doctor/http.ts'
import { renderConfigError } from './settings-report.ts'

const wrongConfiguration = 78
const failed = 1

/** A step of a cleanup or a backup may take its time. */
const patienceMs = 600_000
const longestBody = 32_000_000

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} }

export type Connection = Operator & { readonly over: 'server' | 'database' }

/** Runs a command with the settings that apply; wrong ones, and failures that have a text for a person, are printed. Gives the exit code. */
export async function withConfig(
  sources: ConfigSources,
  output: CommandOutput,
  work: (config: Config) => Promise<number>,
): Promise<number> {
  try {
    const { config } = await loadConfig(sources)
    return await work(config)
  } catch (error) {
    if (error instanceof ConfigError) {
      output.write(renderConfigError(error, output.style))
      return wrongConfiguration
    }
    if (!(error instanceof RuntimeError) || error.code === 'internal') throw error
    const { hint } = error.details
    output.write(`${output.style.bad('✗')} ${error.message}\n${hint === undefined ? '' : `  ${hint}\n`}`)
    return failed
  }
}

/** The server that has the database, or the database itself when none has. Throws RuntimeError. */
export async function reach(config: Config): Promise<Connection> {
  const { database } = config
  if (await serverRuns(config)) return overServer(config)
  if (database.kind === 'sqlite' && !existsSync(database.file)) {
    throw new RuntimeError('not_found', 'There is no database yet', {
      details: { hint: 'It is made when the server starts. codelab config says where.' },
    })
  }
  const { openOperator } = await import('../compose/operator.ts')
  return { ...(await openOperator(config, quiet)), over: 'database' }
}

/** Nothing says of PostgreSQL whether a server uses it: then it is asked itself. */
export async function serverRuns(config: Config): Promise<boolean> {
  if (config.database.kind === 'sqlite') return isLocked(`${config.database.file}.lock`)
  return (await askServer(config, '/health/live')).kind === 'answer'
}

/** Where the server of these settings answers: what it announced, else HOST and PORT. */
async function serverUrl(config: Config): Promise<string> {
  if (config.announceFile) {
    const announced = await readFile(config.announceFile, 'utf8').catch(() => undefined)
    const url = announced === undefined ? undefined : /"url":"(http:\/\/[^"]+)"/.exec(announced)?.[1]
    if (url !== undefined) return url
  }
  return localUrl(config.host, config.port)
}

/** Asks the server of these settings, with their key. */
export async function askServer(config: Config, path: string, body?: unknown): Promise<Reply> {
  const headers = { 'x-internal-auth': config.keys[0] ?? '' }
  return await ask(`${await serverUrl(config)}${path}`, headers, {
    patienceMs: body === undefined ? 10_000 : patienceMs,
    longestBody,
    ...(body === undefined ? {} : { body }),
  })
}

function overServer(config: Config): Connection {
  const call = async <T>(path: string, body?: unknown) => answerOf<T>(await askServer(config, path, body))
  return {
    over: 'server',
    cleanUp: ({ dryRun, olderThanMs }) =>
      call<CleanupReport>('/maintenance/cleanup', {
        dry_run: dryRun,
        ...(olderThanMs === undefined ? {} : { older_than: `${olderThanMs}ms` }),
      }),
    setPaused: (paused) => call<PauseState>('/maintenance/pause', { paused }),
    timeline: (sessionId, limit) =>
      call<SessionTimeline>(`/sessions/${encodeURIComponent(sessionId)}/timeline?limit=${limit}`),
    usage: ({ by, ...named }: UsageWanted) =>
      call<Usage>(`/usage?${new URLSearchParams({ ...named, by: by.join(',') })}`),
    backUp: () => call<BackupFile>('/maintenance/backup', {}),
    deadLetters: (limit) => call<DeadLetters>(`/events/dead-letters?limit=${limit}`),
    replay: (id) => call<ReplayedDeadLetters>('/events/dead-letters/replay', id === undefined ? { all: true } : { id }),
    createKey: ({ user, rate, expiresInMs }) =>
      call<CreatedApiKey>('/maintenance/keys', {
        user,
        ...(rate && { rate: { max: rate.max, window_seconds: rate.windowMs / 1000 } }),
        ...(expiresInMs !== undefined && { expires_in_seconds: Math.ceil(expiresInMs / 1000) }),
      }),
    keys: (user) =>
      call<ApiKeyList>(`/maintenance/keys${user === undefined ? '' : `?user=${encodeURIComponent(user)}`}`),
    revokeKeys: (which) => call<RevokedApiKeys>('/maintenance/keys/revoke', which),
    async [Symbol.asyncDispose]() {},
  }
}

/** The body of a success, which a server of this version shapes as its document says. */
function answerOf<T>(reply: Reply): T {
  if (reply.kind === 'silence') {
    throw new RuntimeError('storage_unavailable', `A server has the database, and does not answer: ${reply.reason}`, {
      details: { hint: 'Give this command the HOST and PORT that the server has, or stop the server.' },
    })
  }
  if (reply.status === 200 && isRecord(reply.body)) return reply.body as T
  if (reply.status === 401) {
    throw new RuntimeError('unauthorized', 'The server does not accept the key', {
      details: { hint: 'Give this command the CODELAB_INTERNAL_API_KEY that the server has.' },
    })
  }
  const { error, hint } = isRecord(reply.body) ? reply.body : {}
  const text = typeof error === 'string' ? error : `The server answered with ${reply.status}`
  throw new RuntimeError('storage_unavailable', text, { details: typeof hint === 'string' ? { hint } : {} })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
