import { expect, test } from 'vitest'
import { assembleJwt, type JwtValues } from './jwt.ts'

const full = { jwtJwksUrl: 'https://a/jwks', jwtIssuer: 'i', jwtAudience: 'a' }
const secret = { jwtSecret: 's'.repeat(32), jwtIssuer: 'i', jwtAudience: 'a' }

test.each<[string, JwtValues, unknown]>([
  ['nothing', {}, undefined],
  ['keys', full, { keys: { url: 'https://a/jwks' }, algorithms: ['RS256', 'ES256', 'EdDSA'] }],
  ['keys and a list', { ...full, jwtAlgorithms: ['ES256'] }, { algorithms: ['ES256'] }],
  ['a secret', secret, { keys: { secret: secret.jwtSecret }, algorithms: ['HS256'] }],
  ['no issuer', { ...full, jwtIssuer: undefined }, { blamed: 'jwtIssuer' }],
  ['no audience', { ...full, jwtAudience: undefined }, { blamed: 'jwtAudience' }],
  ['no keys', { jwtIssuer: 'i' }, { blamed: 'jwtIssuer' }],
  ['both', { ...full, ...secret }, { blamed: 'jwtSecret' }],
  ['a secret as a way to use public keys', { ...full, jwtAlgorithms: ['RS256', 'HS256'] }, { blamed: 'jwtAlgorithms' }],
  ['a signature with a secret', { ...secret, jwtAlgorithms: ['RS256'] }, { blamed: 'jwtAlgorithms' }],
  ['a short secret', { ...secret, jwtSecret: 'short' }, { blamed: 'jwtSecret', wrong: '5 characters' }],
])('%s', (_, values, expected) => {
  const jwt = assembleJwt(values)
  if (expected === undefined) expect(jwt).toBeUndefined()
  else expect(jwt).toMatchObject(expected as object)
})
