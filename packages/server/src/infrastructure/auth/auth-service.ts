import type { Dispatcher } from 'undici'
import type { AuthAnswer, AuthService } from '../../application/ports/auth-service.ts'
import type { Log } from '../../application/ports/log.ts'
import { RuntimeError } from '../../domain/errors.ts'
import { Agent, request } from '../undici.ts'

export interface AuthServiceOptions {
  /** Base URL. */
  readonly url: string
  readonly log: Log
  /** For a whole answer. */
  readonly totalMs?: number
}

const defaultTotalMs = 10_000
const longestAnswer = 64 * 1024
const mostAtOnce = 64
const passedOn = ['content-type', 'cache-control', 'retry-after', 'www-authenticate'] as const

/** An OAuth service over HTTP. Redirects are not followed: a form with a password goes to one address only. */
export function createAuthService(options: AuthServiceOptions): AuthService & AsyncDisposable {
  const { url, log, totalMs = defaultTotalMs } = options
  const agent = new Agent({ connect: { timeout: totalMs }, connections: mostAtOnce, allowH2: false })
  let asked = 0

  async function ask(path: string, given: Pick<Dispatcher.RequestOptions, 'method' | 'headers' | 'body'>) {
    if (asked >= mostAtOnce) throw tooMany()
    asked += 1
    try {
      const signal = AbortSignal.timeout(totalMs)
      const {
        statusCode: status,
        headers,
        body,
      } = await request(new URL(`${url}${path}`), { ...given, dispatcher: agent, signal })
      const bytes = await readAll(body)
      if (status >= 300 && status < 400) throw new BadAnswer(`it redirects (${status})`)
      if (status >= 500) throw away(new BadAnswer(`status ${status}`))
      return { status, headers: known(headers), body: bytes }
    } catch (thrown) {
      const error = failureOf(thrown)
      log.warn('the auth service failed', { path, error: String(error.cause ?? thrown) })
      throw error
    } finally {
      asked -= 1
    }
  }

  return {
    token: ({ body, contentType, authorization, forwardedFor }) =>
      ask('/oauth/token', {
        method: 'POST',
        headers: {
          accept: 'application/json',
          'content-type': contentType,
          'x-forwarded-for': forwardedFor,
          ...(authorization === undefined ? {} : { authorization }),
        },
        body,
      }),
    keys: () => ask('/.well-known/jwks.json', { method: 'GET', headers: { accept: 'application/json' } }),
    [Symbol.asyncDispose]: () => agent.destroy(),
  }
}

/** For the log only. */
class BadAnswer extends Error {}

async function readAll(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > longestAnswer) throw new BadAnswer(`more than ${longestAnswer} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

function known(headers: Readonly<Record<string, string | string[] | undefined>>): AuthAnswer['headers'] {
  return Object.fromEntries(
    passedOn.flatMap((name) => {
      const value = headers[name]
      return typeof value === 'string' ? [[name, value]] : []
    }),
  )
}

function failureOf(thrown: unknown): RuntimeError {
  if (thrown instanceof RuntimeError) return thrown
  if (thrown instanceof BadAnswer) {
    return new RuntimeError('upstream_bad_response', 'The auth service gave an answer that cannot be used', {
      cause: thrown,
      details: { hint: 'The log of the server says what was wrong with it.' },
    })
  }
  if (thrown instanceof Error && thrown.name === 'TimeoutError') {
    return new RuntimeError('upstream_timeout', 'The auth service did not answer in time', { cause: thrown, details })
  }
  return away(thrown)
}

const details = { hint: 'Try again in a few seconds.', retryAfterMs: 5_000 }

function away(cause: unknown): RuntimeError {
  return new RuntimeError('upstream_unavailable', 'The auth service cannot be reached', { cause, details })
}

function tooMany(): RuntimeError {
  return new RuntimeError('overloaded', 'Too many ask the auth service at once', { details })
}
