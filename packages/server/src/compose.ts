import type { FastifyInstance } from 'fastify'
import { buildApp } from './api/app.ts'
import { createAgents } from './application/agents.ts'
import { type Application, createApplication } from './application/index.ts'
import type { Log } from './application/ports/log.ts'
import { contractPolicy } from './catalogue/policy.ts'
import { tools } from './catalogue/tools/index.ts'
import { createModels } from './compose/models.ts'
import type { Config } from './config.ts'
import { createMarkdownAgents } from './infrastructure/agents/markdown-agents.ts'
import { openSqliteStore, type SqliteStore } from './infrastructure/persistence/sqlite/open-store.ts'
import { systemClock } from './infrastructure/system-clock.ts'
import { uuidIds } from './infrastructure/uuid-ids.ts'

export { createLogger } from './infrastructure/observability/logger.ts'

/** The parts of a running server, in the order in which they are stopped. */
export interface Runtime {
  readonly app: FastifyInstance
  readonly application: Application
  readonly store: SqliteStore
}

/** Whose sessions they are while nobody but the internal key asks. */
const serviceOwner = 'service'

/** Builds every part once, in order, by hand. `onFatal` is told when the store can promise nothing any more. Throws RuntimeError. */
export async function compose(config: Config, log: Log, onFatal: (error: unknown) => void): Promise<Runtime> {
  const clock = systemClock
  const knownTools = tools.map((tool) => tool.name)
  const source = createMarkdownAgents({ knownTools, userFolder: config.agentsDir })
  const [catalogue, models] = await Promise.all([source.load(), createModels(config, clock, log)])
  const agents = createAgents(catalogue, config.multiAgent ? 'multi' : 'single')
  const { databaseFile: file, durability } = config
  const store = await openSqliteStore({ file, durability, clock, log, onFatal })
  const application = createApplication({
    store: store.unitOfWork,
    models,
    agents,
    tools,
    policy: contractPolicy,
    hitl: config.hitl,
    limits: config.limits,
    clock,
    ids: uuidIds,
    log,
  })
  const model = config.model.kind === 'demo' ? 'demo' : config.model.model
  const app = buildApp(application, {
    keys: config.keys,
    version: config.version,
    ownerId: serviceOwner,
    model: { provider: config.model.kind, model },
    log,
    requestId: () => uuidIds.next(),
    health: () => checkHealth(application, store),
    heartbeatMs: 15_000,
    drainMs: 60_000,
  })
  return { app, application, store }
}

async function checkHealth(application: Application, store: SqliteStore) {
  const details = { accepting: application.accepting, schema: store.schemaVersion }
  try {
    const sessions = await store.sessionCount()
    const status = application.accepting ? ('healthy' as const) : ('unhealthy' as const)
    return { status, details: { ...details, database: 'ok', sessions } }
  } catch {
    return { status: 'unhealthy' as const, details: { ...details, database: 'unavailable' } }
  }
}
