import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { RuntimeError } from '../../application/index.ts'
import { RateLimitError } from '../errors.ts'
import type { ProtectionOptions, Rate } from '../options.ts'
import { principalOf } from './identity.ts'
import { rateStoreOver } from './rate-store.ts'

/** Each gives the refusal, or undefined. */
export interface RateLimits {
  /** A request without a valid key, by its address: what guesses keys gets no further by being fast. */
  ofStranger(request: FastifyRequest): Promise<RateLimitError | undefined>
  /** A sign-in, by its address. */
  ofSignIn(request: FastifyRequest): Promise<RateLimitError | undefined>
  /** A request with a key, by whoever has it. Sets the X-RateLimit headers (PROTOCOL 10.7). */
  ofKey(request: FastifyRequest, reply: FastifyReply): Promise<RateLimitError | undefined>
  /** An input on the stream, by who sends it and its session: refused in the stream, where there is no 429. Needs the body. */
  ofSession(request: FastifyRequest): Promise<RuntimeError | undefined>
}

type LimitOptions = Pick<ProtectionOptions, 'rateLimit' | 'strangers' | 'counter' | 'strangersCounter'>

/** Far above what people mistype. */
const signInRate = { max: 30, windowMs: 60_000 }

/** What begins the key of an address; those of callers begin with what they are limited by. */
const strangerMark = 'address '

/** `rateLimit` is of callers and of sessions, where a caller has none of its own. */
export function addRateLimits(app: FastifyInstance, protection: LimitOptions): RateLimits {
  const { strangers, counter, strangersCounter } = protection
  const store = rateStoreOver((key) => (key.startsWith(strangerMark) ? strangersCounter : counter))
  app.register(rateLimit, { global: false, store })
  const byAddress = createLimit(
    app,
    ({ ip }) => `${strangerMark}${rateLimit.normalizeIP(ip)}`,
    () => strangers,
  )
  const bySignIn = createLimit(
    app,
    ({ ip }) => `sign-in ${rateLimit.normalizeIP(ip)}`,
    () => signInRate,
  )
  const common = protection.rateLimit === 'off' ? undefined : protection.rateLimit
  const rateOf = (request: FastifyRequest): Rate | undefined => principalOf(request).rate ?? common
  const idOf = (request: FastifyRequest) => principalOf(request).id
  const byCaller = createLimit(app, (request) => `caller ${idOf(request)}`, rateOf)
  const bySession = createLimit(
    app,
    (request) => `session ${idOf(request)} ${sessionIdOf(request)}`,
    () => common,
  )
  const ownInputs = createLimit(
    app,
    (request) => `inputs ${idOf(request)}`,
    (request) => principalOf(request).rate,
  )
  return {
    async ofStranger(request) {
      const use = await byAddress(request)
      return use?.exceeded ? new RateLimitError(use.rate, use.ttl) : undefined
    },
    async ofSignIn(request) {
      const use = await bySignIn(request)
      return use?.exceeded ? new RateLimitError(use.rate, use.ttl) : undefined
    },
    async ofKey(request, reply) {
      const use = await byCaller(request)
      if (!use) return undefined
      reply.headers({
        'x-ratelimit-limit': use.rate.max,
        'x-ratelimit-remaining': use.remaining,
        'x-ratelimit-reset': Math.ceil((Date.now() + use.ttl) / 1000),
      })
      return use.exceeded ? new RateLimitError(use.rate, use.ttl) : undefined
    },
    async ofSession(request) {
      const uses = [await bySession(request), await ownInputs(request)]
      const over = uses.find((use) => use?.exceeded)
      if (!over) return undefined
      return new RuntimeError('rate_limited', 'Too many requests', {
        details: { hint: 'Wait a moment, then send it again.', retryAfterMs: over.ttl },
      })
    },
  }
}

interface Use {
  readonly rate: Rate
  readonly exceeded: boolean
  readonly remaining: number
  /** Milliseconds until the window is over. */
  readonly ttl: number
}

/** Undefined: this caller has no limit. The plugin is there once the app is ready, so the limiter is made with the first request. */
function createLimit(
  app: FastifyInstance,
  keyGenerator: (request: FastifyRequest) => string,
  rateOf: (request: FastifyRequest) => Rate | undefined,
) {
  let check: ReturnType<FastifyInstance['createRateLimit']> | undefined
  return async (request: FastifyRequest): Promise<Use | undefined> => {
    const rate = rateOf(request)
    if (!rate) return undefined
    check ??= app.createRateLimit({
      max: (limited) => rateOf(limited)?.max ?? 0,
      timeWindow: (limited) => rateOf(limited)?.windowMs ?? 0,
      keyGenerator,
    })
    const use = await check(request)
    if (use.isAllowed) return { rate, exceeded: false, remaining: rate.max, ttl: rate.windowMs }
    return { rate, exceeded: use.isExceeded, remaining: use.remaining, ttl: use.ttl }
  }
}

function sessionIdOf({ body, params }: FastifyRequest): string {
  return [body, params].map(idIn).find((id) => id !== '') ?? ''
}

function idIn(part: unknown): string {
  return typeof part === 'object' && part !== null && 'session_id' in part ? String(part.session_id) : ''
}
