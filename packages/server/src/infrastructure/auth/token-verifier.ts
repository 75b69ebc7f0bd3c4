import { createHash } from 'node:crypto'
import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose'
import type { Log } from '../../application/ports/log.ts'
import type { TokenVerifier, VerifiedToken } from '../../application/ports/token-verifier.ts'
import type { JwtSettings } from '../../config/jwt.ts'
import { isUserName } from '../../domain/owner.ts'

export interface TokenVerifierOptions extends JwtSettings {
  readonly log: Log
  /** How far the clocks of both sides may be apart. */
  readonly toleranceSeconds?: number
  /** A key that is not known is asked for at most this often. */
  readonly cooldownMs?: number
}

const fetchMs = 5_000
const keysMs = 600_000
/** A token that was good is believed so long: a key that its issuer took back counts no longer than this, and that of `keysMs`. */
const believedMs = 60_000
const mostBelieved = 10_000
const longestToken = 8 * 1024

/** Checks tokens by the keys of their issuer; what it learns of the outside is only those. */
export function createTokenVerifier(options: TokenVerifierOptions): TokenVerifier {
  const { keys, issuer, audience, algorithms, log, toleranceSeconds = 60, cooldownMs = 30_000 } = options
  const checks: JWTVerifyOptions = {
    issuer,
    audience,
    algorithms: [...algorithms],
    clockTolerance: toleranceSeconds,
    requiredClaims: ['sub', 'exp'],
  }
  const believed = new Map<string, VerifiedToken & { readonly until: number }>()
  const payloadOf = 'secret' in keys ? bySecret(keys.secret, checks) : byKeySet(keys.url, checks, cooldownMs)

  async function check(token: string, id: string): Promise<VerifiedToken | undefined> {
    try {
      const { sub, exp, type } = await payloadOf(token)
      // The auth service of CodeLab says so of a token that only gets others.
      if (!sub || !exp || !isUserName(sub) || (type !== undefined && type !== 'access')) return undefined
      return { id, subject: sub, expiresAt: (exp + toleranceSeconds) * 1000 }
    } catch (error) {
      if (!(error instanceof errors.JOSEError) || error instanceof errors.JWKSTimeout)
        log.warn('the keys of tokens could not be read', { error: String(error) })
      return undefined
    }
  }

  return {
    async verify(token) {
      if (token.length > longestToken || token.split('.').length !== 3) return undefined
      const id = createHash('sha256').update(token).digest('base64url')
      const there = believed.get(id)
      if (there && there.until > performance.now() && there.expiresAt > Date.now()) return there
      const verified = await check(token, id)
      believed.delete(id)
      if (!verified) return undefined
      believed.set(id, { ...verified, until: performance.now() + believedMs })
      const oldest = believed.size > mostBelieved ? believed.keys().next().value : undefined
      if (oldest !== undefined) believed.delete(oldest)
      return verified
    },
  }
}

type PayloadOf = (token: string) => Promise<JWTPayload>

function bySecret(secret: string, checks: JWTVerifyOptions): PayloadOf {
  const key = new TextEncoder().encode(secret)
  return async (token) => (await jwtVerify(token, key, checks)).payload
}

function byKeySet(url: string, checks: JWTVerifyOptions, cooldownDuration: number): PayloadOf {
  const options = { timeoutDuration: fetchMs, cacheMaxAge: keysMs, cooldownDuration }
  const keySet = createRemoteJWKSet(new URL(url), options)
  return async (token) => (await jwtVerify(token, keySet, checks)).payload
}
