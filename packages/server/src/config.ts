/** The configuration of the process: flags, environment and files in, one checked and frozen value out. */
export { DEFAULT_KEY, isOpenSignIn } from './config/access.ts'
export { loadConfig, readConfig } from './config/load.ts'
export { isLoopback } from './config/loopback.ts'
export { rate as parseRate } from './config/parsers.ts'
export { ConfigError, type Problem } from './config/problems.ts'
export type {
  Config,
  ConfigEntry,
  ConfigReading,
  ConfigSources,
  LoadedConfig,
  ModelChoice,
  ModelEntry,
} from './config/types.ts'
export { packageFolder, productVersion } from './config/version.ts'
