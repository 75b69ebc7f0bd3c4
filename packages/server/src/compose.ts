import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { buildApp } from './api/app.ts'
import { createAgents } from './application/agents.ts'
import { type Application, createApplication } from './application/index.ts'
import type { Log } from './application/ports/log.ts'
import { commandKnowledge } from './catalogue/commands.ts'
import { contractPolicy } from './catalogue/policy.ts'
import { tools } from './catalogue/tools/index.ts'
import { backupsOf, fanOutOf, openDatabase, rateCounterOf } from './compose/database.ts'
import { followLog } from './compose/handlers.ts'
import { checkHealth } from './compose/health.ts'
import { createMeterOptions } from './compose/meters.ts'
import { createModels } from './compose/models.ts'
import { isOpenSignIn, type LoadedConfig, packageFolder } from './config.ts'
import { createMarkdownAgents } from './infrastructure/agents/markdown-agents.ts'
import { createWorkspaceAgentReader } from './infrastructure/agents/workspace-agents.ts'
import { createAuthService } from './infrastructure/auth/auth-service.ts'
import { createTokenVerifier } from './infrastructure/auth/token-verifier.ts'
import { type CleanupSchedule, startCleanupSchedule } from './infrastructure/cleanup/schedule.ts'
import { LoadMonitor } from './infrastructure/load/load-monitor.ts'
import { Meters } from './infrastructure/observability/meters.ts'
import type { OpenedStore } from './infrastructure/persistence/opened-store.ts'
import { MemoryRateCounter } from './infrastructure/rates/memory-rate-counter.ts'
import { systemClock } from './infrastructure/system-clock.ts'
import { uuidIds } from './infrastructure/uuid-ids.ts'

export { boundYoungGeneration } from './infrastructure/load/young-generation.ts'
export { createLogger } from './infrastructure/observability/logger.ts'

/** The parts of a running server, in the order in which they are stopped. */
export interface Runtime {
  readonly app: FastifyInstance
  readonly application: Application
  readonly store: OpenedStore
  /** Cleans up from now on. */
  startCleanup(): CleanupSchedule
}

/** Of an address without a valid key. Far above any mistake, far below what guessing a key would need. */
const strangersRate = { max: 6_000, windowMs: 60_000 }

/** Builds every part once, in order, by hand. `onFatal` is told when the store can promise nothing any more. Throws RuntimeError. */
export async function compose(
  { config, entries }: Pick<LoadedConfig, 'config' | 'entries'>,
  log: Log,
  onFatal: (error: unknown) => void,
): Promise<Runtime> {
  const clock = systemClock
  const meters = new Meters()
  const knownTools = tools.map((tool) => tool.name)
  const source = createMarkdownAgents({ knownTools, userFolder: config.agentsDir })
  const [catalogue, models] = await Promise.all([source.load(), createModels(config, clock, log, meters)])
  const agents = createAgents(catalogue, config.multiAgent ? 'multi' : 'single')
  const store = await openDatabase(config, { clock, log, onFatal })
  const { handlers, unitOfWork } = followLog(store.unitOfWork, clock, log)
  const fanOut = await fanOutOf(config, { clock, log })
  const application = createApplication({
    store: unitOfWork,
    ...(fanOut && { replicas: { fanOut, heartbeats: store.heartbeats, silentMs: config.replicaSilentMs } }),
    handlers,
    meters,
    models,
    agents,
    workspaceAgents: createWorkspaceAgentReader({
      knownTools,
      aliases: config.models.map(({ alias }) => alias),
      fragments: catalogue.fragments ?? new Map(),
    }),
    tools,
    policy: contractPolicy,
    commands: commandKnowledge,
    hitl: config.hitl,
    masks: config.maskKeys,
    limits: config.limits,
    cleanup: config.cleanup,
    backups: backupsOf(config),
    clock,
    ids: uuidIds,
    log,
  })
  const model = config.model.kind === 'demo' ? 'demo' : config.model.model
  const load = new LoadMonitor(config.protection.maxLoopDelayMs)
  const auth = config.authUrl === undefined ? undefined : createAuthService({ url: config.authUrl, log })
  const counter = await rateCounterOf(config, log)
  const app = buildApp(application, {
    ...(auth ? { auth } : {}),
    ...(config.jwt && { tokens: createTokenVerifier({ ...config.jwt, log }) }),
    keys: config.keys,
    version: config.version,
    model: { provider: config.model.kind, model },
    log,
    requestId: () => uuidIds.next(),
    health: () => checkHealth({ config, application, store, models, load }),
    heartbeatMs: 15_000,
    drainMs: config.limits.drainMs,
    socketAccess: config.socketAccess,
    openSignIn: isOpenSignIn(config),
    consoleFolder,
    settings: entries.filter((entry) => !entry.unused),
    browsers: config.browsers,
    protection: {
      rateLimit: config.protection.rateLimit,
      strangers: strangersRate,
      counter,
      strangersCounter: new MemoryRateCounter(),
      maxStreams: config.protection.maxStreams,
      maxStreamsPerUser: config.protection.maxStreamsPerUser,
      overloaded: () => load.overloaded,
    },
    meters: createMeterOptions(meters, { application, load, models }),
  })
  app.addHook('onClose', () => counter.close())
  app.addHook('onClose', async () => load[Symbol.dispose]())
  app.addHook('onClose', async () => auth?.[Symbol.asyncDispose]())
  app.addHook('onListen', async () => handlers.start())
  app.addHook('onClose', () => handlers.stop())
  const startCleanup = () => startCleanupSchedule({ run: (signal) => cleanUp(application, signal), clock, log })
  return { app, application, store, startCleanup }
}

/** Built beside the server, in the packages' own folders. */
const consoleFolder = fileURLToPath(new URL('../console/dist', packageFolder))

async function cleanUp({ maintenance }: Application, signal: AbortSignal) {
  const { sessions, purged, more } = await maintenance.cleanUp({ dryRun: false }, signal)
  return { sessions: sessions.length, purged, more }
}
