import type { FastifyReply, FastifyRequest } from 'fastify'
import { type RateCounter, RuntimeError } from '../../application/index.ts'
import { RateLimitError } from '../errors.ts'
import type { ProtectionOptions, Rate } from '../options.ts'
import { principalOf } from './identity.ts'

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

/** `rateLimit` is of callers and of sessions, where a caller has none of its own. */
export function createRateLimits(protection: LimitOptions): RateLimits {
  const { strangers, counter, strangersCounter } = protection
  const common = protection.rateLimit === 'off' ? undefined : protection.rateLimit
  const rateOf = (request: FastifyRequest): Rate | undefined => principalOf(request).rate ?? common
  const idOf = (request: FastifyRequest) => principalOf(request).id
  const byCaller = createLimit(counter, (request) => `caller ${idOf(request)}`, rateOf)
  const bySession = createLimit(
    counter,
    (request) => `session ${idOf(request)} ${sessionIdOf(request)}`,
    () => common,
  )
  const ownInputs = createLimit(
    counter,
    (request) => `inputs ${idOf(request)}`,
    (request) => principalOf(request).rate,
  )
  return {
    ofStranger: async ({ ip }) => await ofAddress(strangersCounter, 'address', ip, strangers),
    ofSignIn: async ({ ip }) => await ofAddress(counter, 'sign-in', ip, signInRate),
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

/** Undefined: this caller has no limit. */
function createLimit(
  counter: RateCounter,
  keyOf: (request: FastifyRequest) => string,
  rateOf: (request: FastifyRequest) => Rate | undefined,
) {
  return async (request: FastifyRequest): Promise<Use | undefined> => {
    const rate = rateOf(request)
    return rate && (await countUse(counter, keyOf(request), rate))
  }
}

async function ofAddress(counter: RateCounter, what: string, ip: string, rate: Rate) {
  // Who reads addresses is loaded with the first of them.
  const { default: rateLimit } = await import('@fastify/rate-limit')
  const use = await countUse(counter, `${what} ${rateLimit.normalizeIP(ip)}`, rate)
  return use.exceeded ? new RateLimitError(use.rate, use.ttl) : undefined
}

async function countUse(counter: RateCounter, key: string, rate: Rate): Promise<Use> {
  const { current, ttl } = await counter.count(key, rate.windowMs)
  return { rate, exceeded: current > rate.max, remaining: Math.max(0, rate.max - current), ttl }
}

function sessionIdOf({ body, params }: FastifyRequest): string {
  return [body, params].map(idIn).find((id) => id !== '') ?? ''
}

function idIn(part: unknown): string {
  return typeof part === 'object' && part !== null && 'session_id' in part ? String(part.session_id) : ''
}
