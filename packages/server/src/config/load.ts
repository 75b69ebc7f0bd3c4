import { isLoopback } from './loopback.ts'
import { ConfigError } from './problems.ts'
import { type Setting, type SettingKey, settings, type Values } from './settings.ts'
import { SettingsReader } from './settings-reader.ts'
import { gatherSources } from './sources.ts'
import type { Config, ConfigReading, ConfigSources, LoadedConfig } from './types.ts'
import type { Found } from './variables.ts'

const rows = Object.entries<Setting<unknown>>(settings) as [SettingKey, Setting<unknown>][]

/**
 * Reads every setting: flag, then environment, then `.env`, then `codelab.jsonc` (or the file of CODELAB_CONFIG, with the text of
 * CODELAB_CONFIG_CONTENT over it), then the default. Throws a `ConfigError` that names all that is wrong.
 */
export async function loadConfig(sources: ConfigSources): Promise<LoadedConfig> {
  const reading = await readConfig(sources)
  if (!reading.config) throw new ConfigError(reading.problems, reading.files)
  return { ...reading, config: reading.config }
}

/** The same without a throw, for reports on a configuration that may be wrong. */
export async function readConfig(sources: ConfigSources): Promise<ConfigReading> {
  const gathered = await gatherSources(sources)
  const reader = new SettingsReader(sources.cwd)
  for (const [key, row] of rows) reader.read(key, row, await gathered.candidates(row))
  const production = reader.productionSetting(gathered.variable('NODE_ENV'))
  reader.checkKeys(production)
  const keys = new Map<string, Found>()
  for (const name of reader.modelKeyNames()) {
    const key = await gathered.key(name)
    if (key && 'fault' in key) reader.problems.push(key.fault)
    else if (key) keys.set(name, key)
  }
  const models = reader.chooseModels(keys)
  const jwt = reader.chooseJwt()
  const problems = [...gathered.problems, ...reader.problems]
  const complete = models !== undefined && problems.length === 0
  return {
    ...(complete
      ? { config: configOf(reader.values() as Values, { models, jwt, production: production !== undefined }) }
      : {}),
    entries: reader.entries,
    files: gathered.files,
    problems,
    warnings: [...gathered.warnings, ...reader.warnings],
  }
}

function configOf(
  values: Values,
  { models, jwt, production }: Pick<Config, 'models' | 'production'> & { readonly jwt: Config['jwt'] | undefined },
): Config {
  const { agentsDir, announceFile, authUrl } = values
  return deepFreeze<Config>({
    host: values.host,
    port: values.port,
    production,
    database: values.database,
    durability: values.durability,
    databasePool: {
      connections: values.databasePool,
      statementMs: values.databaseStatementMs,
      prepares: values.databasePrepare,
    },
    databaseListenUrl: values.databaseListenUrl,
    replicaSilentMs: values.replicaSilentMs,
    keys: values.keys,
    ...(authUrl === undefined ? {} : { authUrl }),
    socketAccess: values.socketAccess ?? (isLoopback(values.host) && !jwt ? 'local' : 'required'),
    ...(jwt && { jwt }),
    browsers: { hosts: hostsOf(values), origins: values.corsOrigins },
    version: values.version,
    multiAgent: values.multiAgent,
    logLevel: values.logLevel,
    logFormat: values.logFormat,
    maskKeys: values.maskKeys,
    hitl: { approve: values.hitlApprove, strict: values.hitlStrict },
    model: models[0].choice,
    models,
    ...(agentsDir === undefined ? {} : { agentsDir }),
    ...(announceFile === undefined ? {} : { announceFile }),
    idleExitMs: values.idleExitMs,
    cleanup: { rule: values.cleanupAfter, purgeAfterMs: values.purgeAfter },
    limits: {
      upstreamConnectMs: values.upstreamConnectMs,
      upstreamHeadersMs: values.upstreamHeadersMs,
      upstreamFirstDataMs: values.upstreamFirstDataMs,
      upstreamIdleMs: values.upstreamIdleMs,
      upstreamTotalMs: values.upstreamTotalMs,
      upstreamRetries: values.upstreamRetries,
      breakerFailures: values.breakerFailures,
      breakerWindowMs: values.breakerWindowMs,
      breakerOpenMs: values.breakerOpenMs,
      runMs: values.runMs,
      turnSteps: values.turnSteps,
      turnTokens: values.turnTokens,
      answerBytes: values.answerBytes,
      queueLength: values.queueLength,
      queueWaitMs: values.queueWaitMs,
      drainMs: values.drainMs,
      shutdownMs: values.shutdownMs,
    },
    protection: {
      rateLimit: values.rateLimit,
      maxStreams: values.maxStreams,
      maxStreamsPerUser: values.maxStreamsPerUser,
      maxLoopDelayMs: values.maxLoopDelayMs,
      minFreeDiskBytes: values.minFreeDiskBytes,
    },
  })
}

/** A server that others reach is called by names that it cannot know. */
function hostsOf({ host, allowedHosts }: Values): readonly string[] | null {
  return isLoopback(host) || allowedHosts.length > 0 ? allowedHosts : null
}

function deepFreeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null) deepFreeze(inner)
  }
  return Object.freeze(value)
}
