import { setTimeout as sleep } from 'node:timers/promises'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTokenVerifier } from '../../src/infrastructure/auth/token-verifier.ts'
import { key as internalKey, Stage, says } from '../api/stage.ts'
import { silentLog } from '../contract/store/surroundings.ts'
import { Ide } from '../socket/ide.ts'
import { audience, Issuer, issuer, tokenOf } from './issuer.ts'

const algorithms = ['RS256', 'ES256', 'EdDSA'] as const
const expected = { issuer, audience, log: silentLog }

let auth: Issuer
let signers: Record<(typeof algorithms)[number], Awaited<ReturnType<Issuer['addKey']>>>
beforeAll(async () => {
  auth = await Issuer.start()
  signers = {
    RS256: await auth.addKey('RS256', 'rsa'),
    ES256: await auth.addKey('ES256', 'ec'),
    EdDSA: await auth.addKey('EdDSA', 'ed'),
  }
})
afterAll(() => auth[Symbol.asyncDispose]())

const verifier = (more: object = {}) =>
  createTokenVerifier({ ...expected, keys: { url: auth.url }, algorithms, ...more })
const subject = async (tokens: ReturnType<typeof verifier>, token: string) => (await tokens.verify(token))?.subject

describe('a token', () => {
  test.each(algorithms)('signed with %s counts', async (alg) => {
    expect(await subject(verifier(), await tokenOf(signers[alg], { sub: 'bob' }))).toBe('bob')
  })

  test.each<[string, Record<string, unknown>, boolean]>([
    ['of another issuer', { iss: 'https://evil.example' }, false],
    ['for another audience', { aud: 'other' }, false],
    ['for several audiences', { aud: ['other', audience] }, true],
    ['without a person', { sub: undefined }, false],
    ['of the service', { sub: 'service' }, false],
    ['that only gets others', { type: 'refresh' }, false],
    ['of a provider that says no type', { type: undefined }, true],
    ['that expired just now', { exp: -30 }, true],
    ['that expired', { exp: -90 }, false],
    ['that counts in a moment', { nbf: 30 }, true],
    ['that counts later', { nbf: 90 }, false],
  ])('%s counts: %#', async (_, claims, counts) => {
    expect((await subject(verifier(), await tokenOf(signers.ES256, claims))) !== undefined).toBe(counts)
  })

  test('with an algorithm that is not in the list counts not, nor one without a signature', async () => {
    expect(await subject(verifier({ algorithms: ['ES256'] }), await tokenOf(signers.RS256))).toBeUndefined()
    const [, payload] = (await tokenOf(signers.RS256)).split('.')
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    expect(await subject(verifier(), `${none}.${payload}.`)).toBeUndefined()
    // The public key as if it were a secret.
    const { n } = (await (await fetch(auth.url)).json()).keys[0]
    const forged = await new SignJWT({
      iss: issuer,
      aud: audience,
      sub: 'alice',
      exp: Math.floor(Date.now() / 1000) + 60,
    })
      .setProtectedHeader({ alg: 'HS256', kid: 'rsa' })
      .sign(Buffer.from(n))
    expect(await subject(verifier(), forged)).toBeUndefined()
  })

  test('with another text under the same signature counts not', async () => {
    const [head, , signature] = (await tokenOf(signers.ES256)).split('.')
    const [, other] = (await tokenOf(signers.ES256, { sub: 'mallory' })).split('.')
    expect(await subject(verifier(), `${head}.${other}.${signature}`)).toBeUndefined()
  })

  test('of a new key counts at once, and the keys are asked for no more often than they may be', async () => {
    const tokens = verifier({ cooldownMs: 400 })
    await subject(tokens, await tokenOf(signers.RS256))
    await sleep(450)
    const next = await auth.addKey('RS256', 'next')
    const before = auth.asked
    expect(await subject(tokens, await tokenOf(next))).toBe('alice')
    const unknown = { ...next, kid: 'unknown' }
    for (let n = 0; n < 20; n++) expect(await subject(tokens, await tokenOf(unknown, { n }))).toBeUndefined()
    expect(auth.asked - before).toBe(1)
    auth.removeKey('next')
  })

  test('counts while the issuer is away, and is looked at once', async () => {
    const own = await Issuer.start()
    const { url } = own
    const signer = await own.addKey('EdDSA', 'only')
    const tokens = verifier({ keys: { url } })
    const token = await tokenOf(signer)
    expect(await subject(tokens, token)).toBe('alice')
    await own[Symbol.asyncDispose]()
    expect(await subject(tokens, token)).toBe('alice')
    expect(await subject(tokens, await tokenOf(signer, { sub: 'bob' }))).toBe('bob')
    expect(await subject(verifier({ keys: { url } }), token)).toBeUndefined()
  })

  test('with a secret that both sides know', async () => {
    const secret = 's'.repeat(32)
    const tokens = verifier({ keys: { secret }, algorithms: ['HS256'] })
    const signed = (by: string) =>
      new SignJWT({ iss: issuer, aud: audience, sub: 'alice', exp: Math.floor(Date.now() / 1000) + 60 })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(Buffer.from(by))
    expect(await subject(tokens, await signed(secret))).toBe('alice')
    expect(await subject(tokens, await signed('t'.repeat(32)))).toBeUndefined()
    expect(await subject(tokens, await tokenOf(signers.RS256))).toBeUndefined()
  })
})

describe('over the wire', () => {
  let stage: Stage
  let port: number
  beforeAll(async () => {
    stage = await Stage.open({ tokens: verifier({ toleranceSeconds: 0 }), socketAccess: 'session-capability' })
    port = await stage.listen()
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
  const socketUrl = (id: string, query = '') => `http://127.0.0.1:${port}/api/v1/ws/${id}${query}`

  test('a person sees what is theirs, the same as by the internal key for them', async () => {
    const token = await tokenOf(signers.ES256, { sub: 'dora' })
    const made = await stage.app.inject({ method: 'POST', url: '/sessions', headers: bearer(token) })
    expect(made.statusCode).toBe(201)
    const url = `/sessions/${made.json().id}`
    const status = async (headers: Record<string, string>) => (await stage.app.inject({ url, headers })).statusCode
    expect(await status({ 'x-internal-auth': internalKey, 'x-codelab-user': 'dora' })).toBe(200)
    expect(await status({ 'x-internal-auth': internalKey, ...bearer(token) })).toBe(200)
    expect(await status(bearer(await tokenOf(signers.ES256, { sub: 'eve' })))).toBe(404)
    expect(await status({ 'x-internal-auth': internalKey, ...bearer(await tokenOf(signers.ES256, { exp: -1 })) })).toBe(
      401,
    )
    expect((await stage.app.inject({ url: '/metrics', headers: bearer(token) })).statusCode).toBe(403)
  })

  test('the IDE makes a session with its token and opens the socket with nothing', async () => {
    const token = await tokenOf(signers.RS256, { sub: 'ida' })
    const { id } = (await stage.app.inject({ method: 'POST', url: '/api/v1/sessions', headers: bearer(token) })).json()
    using ide = await Ide.open(socketUrl(id))
    ide.say('hello')
    await ide.until('assistant_message')
    const history = await stage.app.inject({ url: `/sessions/${id}/history`, headers: bearer(token) })
    expect(history.json().message_count).toBe(2)
    await expect(Ide.open(socketUrl('guessed'))).rejects.toThrow('401')
  })

  test('a token that expires in mid-turn: the answer is told to its end, then the socket is closed', async () => {
    const token = await tokenOf(signers.EdDSA, { sub: 'finn', exp: 2 })
    const go = Promise.withResolvers<void>()
    stage.model.script(async function* () {
      await go.promise
      yield* says('The whole answer.')
    })
    using idle = await Ide.open(socketUrl('idle', `?token=${token}`))
    using ide = await Ide.open(socketUrl('late'), bearer(token))
    ide.say('hello')
    await ide.until('agent_switched')
    const follow = await fetch(`http://127.0.0.1:${port}/sessions/late/events`, { headers: bearer(token) })
    expect(await idle.closeCode()).toBe(4401)
    expect(await follow.text()).toContain('"reason":"unauthorized"')
    ide.say('another')
    expect(await ide.next()).toMatchObject({ type: 'error', code: 'unauthorized' })
    go.resolve()
    expect(await ide.until('assistant_message')).toMatchObject({ content: 'The whole answer.' })
    expect(await ide.closeCode()).toBe(4401)
    const again = bearer(await tokenOf(signers.EdDSA, { sub: 'finn' }))
    const history = await stage.app.inject({ url: '/sessions/late/history', headers: again })
    expect(history.json().message_count).toBe(2)
  })
})
