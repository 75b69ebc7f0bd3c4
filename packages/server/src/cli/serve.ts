import { rmSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import type { Log } from '../application/ports/log.ts'
import { boundYoungGeneration, compose, createLogger, type Runtime } from '../compose.ts'
import {
  type Config,
  ConfigError,
  type ConfigSources,
  type LoadedConfig,
  loadConfig,
  productVersion,
} from '../config.ts'
import { RuntimeError } from '../domain/errors.ts'
import { localUrl, renderBanner, startFacts } from './banner.ts'
import { findPortOwner, renderPortTaken } from './port-taken.ts'
import { renderConfigError } from './settings-report.ts'
import { stopRequested, whenIdle } from './stop.ts'
import { styleFor } from './style.ts'

const wrongConfiguration = 78
const failed = 1

/** Starts the server and resolves when it has stopped: 0 after a signal or when idle, 78 for wrong settings, 1 for what else kept it from
 *  starting or ended it. */
export async function serve(sources: ConfigSources): Promise<number> {
  boundYoungGeneration()
  const errors = styleFor(process.stderr, sources.env)
  let loaded: LoadedConfig
  try {
    loaded = await loadConfig(sources)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(renderConfigError(error, errors))
    return wrongConfiguration
  }
  const log = createLogger(loaded.config)
  const fatal = Promise.withResolvers<number>()
  try {
    await using server = await start(loaded, log, (error) => {
      log.error('the store failed; the server ends', { error })
      fatal.resolve(failed)
    })
    for (const warning of loaded.warnings) log.warn('setting', { warning })
    greet(loaded, server, sources, log)
    return await Promise.race([fatal.promise, stopRequested(log), whenIdle(server.runtime, loaded.config.idleExitMs)])
  } catch (error) {
    process.stderr.write(await startFailure(error, loaded.config, errors))
    return failed
  }
}

interface Server extends AsyncDisposable {
  readonly runtime: Runtime
  readonly port: number
  readonly sessions: number
  readonly resumed: { readonly turns: number; readonly approvals: number }
}

async function start(loaded: LoadedConfig, log: Log, onFatal: (error: unknown) => void): Promise<Server> {
  const { config } = loaded
  let graceMs = config.limits.shutdownMs
  const runtime = await compose(loaded, log, (error) => {
    // What runs cannot be stored any more: nothing is worth waiting for.
    graceMs = 0
    onFatal(error)
  })
  try {
    const { turns, inputs } = await runtime.application.recover()
    if (turns > 0 || inputs > 0) log.info('recovered', { turns, inputs })
    await runtime.app.listen({ host: config.host, port: config.port })
    const { port } = runtime.app.server.address() as AddressInfo
    if (config.announceFile) await announce(config.announceFile, config, port)
    const sessions = await runtime.store.sessionCount()
    const cleanup = runtime.startCleanup()
    const stop = async () => {
      await cleanup.stop()
      await shutDown(runtime, config, graceMs, log)
    }
    return { runtime, port, sessions, resumed: { turns, approvals: 0 }, [Symbol.asyncDispose]: stop }
  } catch (error) {
    await runtime.app.close()
    await runtime.store.close()
    throw error
  }
}

/** Takes nothing new, lets what runs end within the grace time, then lets go of sockets and of the database. */
async function shutDown(
  { app, application, store }: Runtime,
  config: Config,
  graceMs: number,
  log: Log,
): Promise<void> {
  log.info('shutting down')
  await application.shutDown(graceMs)
  await app.close()
  await store.close()
  if (config.announceFile) rmSync(config.announceFile, { force: true })
  log.info('stopped')
}

function greet(loaded: LoadedConfig, server: Server, { env, cwd }: ConfigSources, log: Log): void {
  const { port, sessions, resumed } = server
  // Counted from the start of the process.
  const readyMs = performance.now()
  const facts = startFacts(loaded, { readyMs, port, created: server.runtime.store.created, sessions, resumed }, cwd)
  if (process.stdout.isTTY && loaded.config.logFormat !== 'json') {
    process.stdout.write(`${renderBanner(facts, styleFor(process.stdout, env))}\n`)
  } else log.info('ready', { ...facts })
}

/** Tells a program on this machine where the server is. Readable by its owner only. */
async function announce(file: string, config: Config, port: number): Promise<void> {
  const facts = {
    pid: process.pid,
    url: localUrl(config.host, port),
    version: productVersion,
    started_at: new Date().toISOString(),
  }
  const whole = `${file}.${process.pid}`
  rmSync(whole, { force: true })
  await writeFile(whole, `${JSON.stringify(facts)}\n`, { mode: 0o600 })
  await rename(whole, file)
}

async function startFailure(error: unknown, config: Config, style: ReturnType<typeof styleFor>): Promise<string> {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') {
    const owner = await findPortOwner(config.port)
    return renderPortTaken(
      { port: config.port, url: localUrl(config.host, config.port), ...(owner ? { owner } : {}) },
      style,
    )
  }
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') {
    return `✗ CodeLab cannot listen on ${config.host}:${config.port}\n    Choose another HOST or PORT.\n`
  }
  const known = error instanceof RuntimeError && error.code !== 'internal'
  if (known) {
    const hint = error.details.hint ? `\n    ${error.details.hint}` : ''
    return `✗ CodeLab cannot start\n    ${error.message}${hint}\n`
  }
  return `✗ CodeLab cannot start: an error of ours\n    ${error instanceof Error ? error.message : String(error)}\n`
}
