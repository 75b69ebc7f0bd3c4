import type { Fault } from './problems.ts'

export const asymmetric = ['RS256', 'ES256', 'EdDSA'] as const
export type JwtAlgorithm = (typeof asymmetric)[number] | 'HS256'

/** Tokens of an identity provider that are accepted. */
export interface JwtSettings {
  /** Where its public keys are, or the secret that both sides know. */
  readonly keys: { readonly url: string } | { readonly secret: string }
  readonly issuer: string
  readonly audience: string
  readonly algorithms: readonly JwtAlgorithm[]
}

export interface JwtValues {
  readonly jwtJwksUrl?: string | undefined
  readonly jwtSecret?: string | undefined
  readonly jwtIssuer?: string | undefined
  readonly jwtAudience?: string | undefined
  readonly jwtAlgorithms?: readonly JwtAlgorithm[] | undefined
}

type Blamed = keyof JwtValues

const shortestSecret = 32

/** Undefined: no tokens are accepted. A token is checked for all of issuer, audience and algorithm, or none is accepted. */
export function assembleJwt(values: JwtValues): JwtSettings | undefined | (Fault & { readonly blamed: Blamed }) {
  const { jwtJwksUrl: url, jwtSecret: secret, jwtIssuer: issuer, jwtAudience: audience, jwtAlgorithms: given } = values
  if (url === undefined && secret === undefined) {
    const alone = (['jwtIssuer', 'jwtAudience', 'jwtAlgorithms'] as const).find((key) => values[key] !== undefined)
    return alone && fault(alone, 'it is set, and no keys of tokens are.', 'Set CODELAB_JWT_JWKS_URL, or leave it out.')
  }
  if (url !== undefined && secret !== undefined)
    return fault('jwtSecret', 'it and CODELAB_JWT_JWKS_URL are both set.', 'Keep one of the two.')
  if (issuer === undefined) return fault('jwtIssuer', 'it is needed where tokens are accepted.', 'Set what `iss` says.')
  if (audience === undefined)
    return fault('jwtAudience', 'it is needed where tokens are accepted.', 'Set what `aud` says.')
  const algorithms = given ?? (secret === undefined ? asymmetric : (['HS256'] as const))
  const wrong = algorithms.find((name) => (name === 'HS256') === (secret === undefined))
  if (wrong !== undefined) return fault('jwtAlgorithms', `${wrong} does not go with these keys.`, hintOf(secret))
  if (secret === undefined) return { keys: { url: url ?? '' }, issuer, audience, algorithms }
  if (secret.length < shortestSecret) {
    const text = `a secret of ${secret.length} characters is too short.`
    return { ...fault('jwtSecret', text, `Use ${shortestSecret} or more.`), wrong: `${secret.length} characters` }
  }
  return { keys: { secret }, issuer, audience, algorithms }
}

function hintOf(secret: string | undefined): string {
  return secret === undefined ? `Use ${asymmetric.join(', ')}; HS256 needs CODELAB_JWT_SECRET.` : 'Use HS256.'
}

function fault(blamed: Blamed, text: string, hint: string) {
  return { fault: text, hint, blamed }
}
