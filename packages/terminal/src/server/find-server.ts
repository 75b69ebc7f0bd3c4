import type { Health } from '@codelab/protocol'
import { CommandFailure, exitCodes } from './failure.ts'
import { defaultKey, findKey } from './key.ts'
import { findOwnServer, startOwnServer } from './own-server.ts'
import { acceptsKey, askHealth } from './probe.ts'
import { readOrMakeKey } from './state-folder.ts'

type Environment = Readonly<Record<string, string | undefined>>

export interface FoundServer {
  readonly url: string
  readonly key: string
  readonly health: Health
  /** `given`: named by the person. `running`: found on the usual port. `own`: ours, in the state folder. */
  readonly kind: 'given' | 'running' | 'own'
  /** It was started by this call. */
  readonly isNew: boolean
}

export interface ServerOptions {
  readonly env: Environment
  readonly stateFolder: string
  /** The launcher that starts a server. */
  readonly launcher: string
  readonly server?: string
  readonly keyFile?: string
  /** False: only look, never start one. */
  readonly mayStart?: boolean
}

const givenTimeoutMs = 5000
const usualTimeoutMs = 500

/** The server to talk to: the one that is named, else the one on the usual port, else our own, started when it does not run.
 *  Throws CommandFailure: 69 nobody answers, 77 the key is refused, 78 a wrong setting. */
export async function findServer(options: ServerOptions): Promise<FoundServer> {
  const { env, stateFolder } = options
  const key = findKey(env, options.keyFile)
  const named = options.server ?? (env['CODELAB_URL'] || undefined)
  if (named) return useNamed(named, options.server ? '--server' : 'CODELAB_URL', key ?? defaultKey)

  const usual = `http://127.0.0.1:${readPort(env['PORT'])}`
  const health = await askHealth(usual, usualTimeoutMs)
  const { key: usualKey } = key ?? defaultKey
  if (health && (await acceptsKey(usual, usualKey, usualTimeoutMs * 4))) {
    return { url: usual, key: usualKey, health, kind: 'running', isNew: false }
  }

  const ownKey = await readOrMakeKey(stateFolder)
  const own = await findOwnServer(stateFolder, ownKey)
  if (own) return { ...own, key: ownKey, kind: 'own', isNew: false }
  if (options.mayStart === false) {
    throw new CommandFailure(exitCodes.unavailable, 'No server runs', ['Start one:  codelab serve'])
  }
  const started = await startOwnServer({ stateFolder, launcher: options.launcher, env, key: ownKey })
  return { ...started, key: ownKey, kind: 'own' }
}

async function useNamed(url: string, source: string, found: { key: string; source: string }): Promise<FoundServer> {
  const address = readUrl(url, source)
  const host = new URL(address).host
  const health = await askHealth(address, givenTimeoutMs)
  if (!health) {
    throw new CommandFailure(exitCodes.unavailable, `No server on ${host}`, [
      'Start one:            codelab serve',
      'Or use another one:   codelab chat --server https://agents.example.com',
    ])
  }
  const isAccepted = await acceptsKey(address, found.key, givenTimeoutMs)
  if (isAccepted === false) {
    throw new CommandFailure(exitCodes.unauthorized, `401 from ${host}: the key was refused`, [
      `It came from ${found.source}. Set CODELAB_INTERNAL_API_KEY, or name a file with --key-file.`,
    ])
  }
  if (isAccepted === undefined)
    throw new CommandFailure(exitCodes.unavailable, `The server on ${host} does not answer as it should`)
  return { url: address, key: found.key, health, kind: 'given', isNew: false }
}

function readUrl(text: string, source: string): string {
  const url = URL.parse(text)
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url.origin
  const code = source === '--server' ? exitCodes.usage : exitCodes.configuration
  throw new CommandFailure(code, `${source} is no address of a server: ${text}`, ['For example http://127.0.0.1:8001'])
}

function readPort(text: string | undefined): number {
  const port = Number(text)
  return Number.isInteger(port) && port > 0 && port < 65536 ? port : 8001
}
