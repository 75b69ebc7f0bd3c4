import { spawn } from 'node:child_process'
import { chmodSync, closeSync, openSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Health } from '@codelab/protocol'
import { CommandFailure, exitCodes } from './failure.ts'
import { acceptsKey, askHealth } from './probe.ts'

interface OwnServer {
  readonly url: string
  readonly health: Health
}

export interface StartOptions {
  readonly stateFolder: string
  readonly launcher: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly key: string
  readonly timeoutMs?: number
}

const probeMs = 2000
const pollMs = 60
const startMs = 15_000
const idleExitMs = 900_000
const maxLogBytes = 5 * 1024 * 1024
const shownLogLines = 6

/** Settings of a server that would fight with the ones we give it. */
const replaced = [
  'AGENT_RUNTIME__DB_URL',
  'AGENT_RUNTIME__INTERNAL_API_KEY',
  'AGENT_RUNTIME__INTERNAL_API_KEY_FILE',
  'CODELAB_INTERNAL_API_KEY',
  'CODELAB_DATABASE_URL_FILE',
  'AGENT_RUNTIME__DB_URL_FILE',
  'CODELAB_URL',
]

/** Our server, when it runs: the file that it wrote after it listened says where. */
export async function findOwnServer(
  stateFolder: string,
  key: string,
  timeoutMs = probeMs,
): Promise<OwnServer | undefined> {
  const url = readAnnouncement(stateFolder)
  if (!url) return undefined
  const health = await askHealth(url, timeoutMs)
  return health && (await acceptsKey(url, key, timeoutMs)) ? { url, health } : undefined
}

function readAnnouncement(stateFolder: string): string | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(stateFolder, 'server.json'), 'utf8'))
    const url = typeof value === 'object' && value !== null && 'url' in value ? value.url : undefined
    const parsed = typeof url === 'string' ? URL.parse(url) : null
    const isLoopback = parsed?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(parsed.hostname)
    return parsed && isLoopback ? parsed.origin : undefined
  } catch {
    return undefined
  }
}

/** Starts our server and waits until it answers. When two terminals start one at once, one server finds the database locked and ends:
 *  then the other one's is used. */
export async function startOwnServer(options: StartOptions): Promise<OwnServer & { readonly isNew: boolean }> {
  const { stateFolder, key } = options
  const log = openLog(stateFolder)
  const child = spawn(process.execPath, [...conditionsOf(process.execArgv), options.launcher, 'serve'], {
    detached: true,
    stdio: ['ignore', log.descriptor, log.descriptor],
    cwd: stateFolder,
    env: serverEnvironment(options),
    windowsHide: true,
  })
  closeSync(log.descriptor)
  let ended: { code: number | null } | undefined
  child.once('error', () => {
    ended = { code: null }
  })
  child.once('exit', (code) => {
    ended = { code }
  })
  child.unref()

  const limit = performance.now() + (options.timeoutMs ?? startMs)
  let lostRaceAt: number | undefined
  while (performance.now() < limit) {
    const own = await findOwnServer(stateFolder, key, probeMs)
    if (own) return { ...own, isNew: ended === undefined }
    if (ended) lostRaceAt ??= performance.now()
    // Another terminal's server may still be on its way to its port.
    if (lostRaceAt !== undefined && performance.now() - lostRaceAt > graceFor(ended?.code)) break
    await pause(pollMs)
  }
  throw startFailure(log.path, log.size, ended?.code)
}

/** The conditions that this process was started with, so that the server runs from the sources where the client does. */
function conditionsOf(args: readonly string[]): string[] {
  return args.flatMap((argument, index) => {
    if (/^(--conditions|-C)=/.test(argument)) return [argument]
    const value = args[index + 1]
    return (argument === '--conditions' || argument === '-C') && value !== undefined ? [`--conditions=${value}`] : []
  })
}

/** Wrong settings are not a lost race: there is nothing to wait for. */
function graceFor(code: number | null | undefined): number {
  return code === exitCodes.configuration ? 500 : 4000
}

function serverEnvironment(options: StartOptions): NodeJS.ProcessEnv {
  const inherited = Object.entries(options.env).filter(([name]) => !replaced.includes(name))
  const { stateFolder } = options
  return {
    ...Object.fromEntries(inherited),
    PORT: '0',
    HOST: '127.0.0.1',
    CODELAB_DATABASE_URL: `sqlite:///${stateFolder.startsWith('/') ? '' : '/'}${join(stateFolder, 'codelab.db')}`,
    CODELAB_INTERNAL_API_KEY_FILE: join(stateFolder, 'key'),
    CODELAB_ANNOUNCE_FILE: join(stateFolder, 'server.json'),
    CODELAB_IDLE_EXIT_MS: String(idleExitMs),
  }
}

function openLog(stateFolder: string): { path: string; descriptor: number; size: number } {
  const path = join(stateFolder, 'server.log')
  const before = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  const isTooLong = before > maxLogBytes
  const descriptor = openSync(path, isTooLong ? 'w' : 'a', 0o600)
  chmodSync(path, 0o600)
  return { path, descriptor, size: isTooLong ? 0 : before }
}

function startFailure(path: string, from: number, code: number | null | undefined): CommandFailure {
  const lines = readFileSync(path)
    .subarray(from)
    .toString('utf8')
    .split('\n')
    .map(readableLine)
    .filter((line) => line !== '')
  const exitCode = code === exitCodes.configuration ? exitCodes.configuration : exitCodes.unavailable
  const what = code === undefined ? 'does not answer' : 'ended'
  return new CommandFailure(exitCode, `The server that was started ${what}`, [
    ...(lines.length > 0 ? ['Its last words:', ...lines.slice(-shownLogLines).map((line) => `  ${line}`)] : []),
    `The whole log: ${path}`,
  ])
}

/** A log line as JSON is shown by its message and error. */
function readableLine(line: string): string {
  try {
    const value = JSON.parse(line) as { msg?: unknown; message?: unknown; err?: { message?: unknown } }
    const text = [value.msg ?? value.message, value.err?.message].filter((part) => typeof part === 'string').join(': ')
    return text || line
  } catch {
    return line.trimEnd()
  }
}
