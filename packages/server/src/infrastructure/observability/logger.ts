import { type DestinationStream, pino } from 'pino'
import type { Log } from '../../application/ports/log.ts'
import type { Config } from '../../config.ts'
import { readableLines } from './readable-lines.ts'

/** Names under which a secret could travel; their values never reach a log. */
const secretNames = [
  'authorization',
  'x-internal-auth',
  'cookie',
  'set-cookie',
  'key',
  'keys',
  'apiKey',
  'token',
  'password',
]

/** Structured logs, one JSON object a line; for a person at a terminal, one readable line each. */
export function createLogger(
  config: Pick<Config, 'logLevel' | 'logFormat'>,
  output: NodeJS.WriteStream = process.stdout,
): Log {
  const readable = config.logFormat === 'pretty' || (config.logFormat === 'auto' && output.isTTY)
  const destination: DestinationStream = readable ? readableLines(output) : output
  const logger = pino(
    {
      level: config.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      redact: { paths: secretNames.flatMap((name) => [`["${name}"]`, `*["${name}"]`]), censor: '[redacted]' },
      serializers: { error: pino.stdSerializers.err, cause: causeOf },
    },
    destination,
  )
  return {
    debug: (message, facts = {}) => logger.debug(facts, message),
    info: (message, facts = {}) => logger.info(facts, message),
    warn: (message, facts = {}) => logger.warn(facts, message),
    error: (message, facts = {}) => logger.error(facts, message),
  }
}

function causeOf(cause: unknown): unknown {
  return cause instanceof Error ? pino.stdSerializers.err(cause) : cause
}
