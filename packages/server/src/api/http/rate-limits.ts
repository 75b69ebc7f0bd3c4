import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { RuntimeError } from '../../application/index.ts'
import { RateLimitError } from '../errors.ts'
import type { Rate } from '../options.ts'
import { principalOf } from './identity.ts'
import { RateStore } from './rate-store.ts'

/** Each gives the refusal, or undefined. */
export interface RateLimits {
  /** A request without a valid key, by its address: what guesses keys gets no further by being fast. */
  ofStranger(request: FastifyRequest): Promise<RateLimitError | undefined>
  /** A request with a key, by whoever has it. Sets the X-RateLimit headers (PROTOCOL 10.7). */
  ofKey(request: FastifyRequest, reply: FastifyReply): Promise<RateLimitError | undefined>
  /** An input on the stream, by who sends it and its session: refused in the stream, where there is no 429. Needs the body. */
  ofSession(request: FastifyRequest): Promise<RuntimeError | undefined>
}

const noLimit = async () => undefined

/** `rate` is of callers and of sessions. */
export function addRateLimits(app: FastifyInstance, rate: Rate | 'off', strangers: Rate): RateLimits {
  app.register(rateLimit, { global: false, store: RateStore })
  const byAddress = createLimit(app, strangers, ({ ip }) => rateLimit.normalizeIP(ip))
  const ofStranger = async (request: FastifyRequest) => {
    const use = await byAddress(request)
    return use.exceeded ? new RateLimitError(strangers, use.ttl) : undefined
  }
  if (rate === 'off') return { ofStranger, ofKey: noLimit, ofSession: noLimit }
  const byKey = createLimit(app, rate, (request) => principalOf(request).id)
  const bySession = createLimit(
    app,
    rate,
    (request) => `${principalOf(request).id} ${sessionIdOf(request.body) || sessionIdOf(request.params)}`,
  )
  return {
    ofStranger,
    async ofKey(request, reply) {
      const use = await byKey(request)
      reply.headers({
        'x-ratelimit-limit': rate.max,
        'x-ratelimit-remaining': use.remaining,
        'x-ratelimit-reset': Math.ceil((Date.now() + use.ttl) / 1000),
      })
      return use.exceeded ? new RateLimitError(rate, use.ttl) : undefined
    },
    async ofSession(request) {
      const { exceeded, ttl } = await bySession(request)
      if (!exceeded) return undefined
      return new RuntimeError('rate_limited', 'Too many requests', {
        details: { hint: 'Wait a moment, then send it again.', retryAfterMs: ttl },
      })
    },
  }
}

interface Use {
  readonly exceeded: boolean
  readonly remaining: number
  /** Milliseconds until the window is over. */
  readonly ttl: number
}

/** The plugin is there once the app is ready, so the limiter is made with the first request. */
function createLimit(app: FastifyInstance, { max, windowMs }: Rate, keyGenerator: (request: FastifyRequest) => string) {
  let check: ReturnType<FastifyInstance['createRateLimit']> | undefined
  return async (request: FastifyRequest): Promise<Use> => {
    check ??= app.createRateLimit({ max, timeWindow: windowMs, keyGenerator })
    const use = await check(request)
    if (use.isAllowed) return { exceeded: false, remaining: max, ttl: windowMs }
    return { exceeded: use.isExceeded, remaining: use.remaining, ttl: use.ttl }
  }
}

function sessionIdOf(body: unknown): string {
  return typeof body === 'object' && body !== null && 'session_id' in body ? String(body.session_id) : ''
}
