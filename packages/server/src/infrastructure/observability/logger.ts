import { type DestinationStream, pino } from 'pino'
import type { Log } from '../../application/ports/log.ts'
import type { Config } from '../../config.ts'
import { linesTogether } from './lines-together.ts'
import { readableLines } from './readable-lines.ts'

/** Names under which a secret could travel; their values never reach a log. */
const secretNames: ReadonlySet<string> = new Set([
  'authorization',
  'x-internal-auth',
  'cookie',
  'set-cookie',
  'key',
  'keys',
  'apiKey',
  'token',
  'password',
])

/** Structured logs, one JSON object a line; for a person at a terminal, one readable line each. */
export function createLogger(
  config: Pick<Config, 'logLevel' | 'logFormat'>,
  output: NodeJS.WriteStream = process.stdout,
): Log {
  const readable = config.logFormat === 'pretty' || (config.logFormat === 'auto' && output.isTTY)
  const destination: DestinationStream = readable ? readableLines(output) : linesTogether(output)
  const logger = pino(
    {
      level: config.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      serializers: { error: shownError, cause: shownError },
    },
    destination,
  )
  return {
    debug: (message, facts = {}) => logger.debug(withoutSecrets(facts), message),
    info: (message, facts = {}) => logger.info(withoutSecrets(facts), message),
    warn: (message, facts = {}) => logger.warn(withoutSecrets(facts), message),
    error: (message, facts = {}) => logger.error(withoutSecrets(facts), message),
  }
}

type Facts = Readonly<Record<string, unknown>>

/** Of facts and of what lies directly in them. The logger's own redaction takes five times as long as to write the line. */
function withoutSecrets(facts: Facts, depth = 1): Facts {
  let shown = facts
  for (const [name, value] of Object.entries(facts)) {
    const isObject = typeof value === 'object' && value !== null && !(value instanceof Error)
    const inner = isObject && depth > 0 ? withoutSecrets(value as Facts, 0) : value
    const safe = secretNames.has(name) ? '[redacted]' : inner
    if (safe !== value) shown = { ...shown, [name]: safe }
  }
  return shown
}

function shownError(thrown: unknown): unknown {
  return thrown instanceof Error ? withoutSecrets({ ...pino.stdSerializers.err(thrown) }, 0) : thrown
}
