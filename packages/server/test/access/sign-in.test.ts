import { SignInState } from '@codelab/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTokenVerifier } from '../../src/infrastructure/auth/token-verifier.ts'
import { key as internalKey, Stage } from '../api/stage.ts'
import { silentLog } from '../contract/store/surroundings.ts'
import { ofOneProcess } from '../replicas/of-one-process.ts'
import { Ide } from '../socket/ide.ts'
import { audience, Issuer, issuer, tokenOf } from './issuer.ts'

const otherKey = 'another-key-0123456789'
const host = 'localhost:8001'
const ownPage = { host, origin: `http://${host}`, 'x-codelab-console': '1' }

let auth: Issuer
let signer: Awaited<ReturnType<Issuer['addKey']>>
let stage: Stage
beforeAll(async () => {
  auth = await Issuer.start()
  signer = await auth.addKey('ES256', 'ec')
  stage = await Stage.open({ tokens: verifier() })
})
afterAll(async () => {
  await stage[Symbol.asyncDispose]()
  await auth[Symbol.asyncDispose]()
})

const verifier = () =>
  createTokenVerifier({ issuer, audience, log: silentLog, keys: { url: auth.url }, algorithms: ['ES256'] })

type Headers = Readonly<Record<string, string>>

async function ask(of: Stage, method: 'GET' | 'POST' | 'DELETE', url: string, headers: Headers, body?: unknown) {
  const response = await of.app.inject({
    method,
    url,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  })
  const set = String(response.headers['set-cookie'] ?? '')
  return { status: response.statusCode, text: response.body, set, cookie: set.split(';')[0] ?? '' }
}

const signIn = (key: string | undefined, headers: Headers = ownPage, of = stage) =>
  ask(of, 'POST', '/auth/sign-in', headers, key === undefined ? {} : { key })

async function personalKey(user: string, more: object = {}): Promise<{ id: string; key: string }> {
  return (await stage.call('POST', '/maintenance/keys', { user, ...more })).body
}

const me = async (cookie: string, of = stage) =>
  SignInState.parse(JSON.parse((await ask(of, 'GET', '/auth/me', { host, cookie })).text))

describe('a sign-in', () => {
  test('with the internal key, a personal key and a token', async () => {
    const { key } = await personalKey('alice')
    const token = await tokenOf(signer, { sub: 'bob', exp: 600 })
    for (const [text, kind, user] of [
      [internalKey, 'service', null],
      [otherKey, 'service', null],
      [key, 'person', 'alice'],
      [token, 'person', 'bob'],
    ] as const) {
      const { status, text: body, set, cookie } = await signIn(text)
      expect(status).toBe(200)
      expect(SignInState.parse(JSON.parse(body))).toMatchObject({ signed_in: true, sign_in: 'needed', kind, user })
      expect(set).toMatch(/^codelab-8001=[^;]+; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/)
      expect(set).not.toContain(text)
      expect(await me(cookie)).toMatchObject({ signed_in: true, kind, user })
      expect((await ask(stage, 'GET', '/sessions', { host, cookie })).status).toBe(200)
    }
  })

  test('sees what its credential sees', async () => {
    const { key } = await personalKey('carol')
    const { cookie } = await signIn(key)
    const made = await ask(stage, 'POST', '/sessions', { ...ownPage, cookie }, { session_id: 'of-carol' })
    expect(made.status).toBe(201)
    expect((await stage.call('GET', '/sessions')).text).not.toContain('of-carol')
    const operator = await ask(stage, 'GET', '/events/stats', { host, cookie })
    expect(operator.status).toBe(403)
    const service = await signIn(internalKey)
    expect((await ask(stage, 'GET', '/events/stats', { host, cookie: service.cookie })).status).toBe(200)
  })

  test('is Secure where the page came over TLS', async () => {
    const headers = { host: 'codelab.example', origin: 'https://codelab.example', 'x-codelab-console': '1' }
    expect((await signIn(internalKey, headers)).set).toMatch(/^codelab-console=[^;]+;.*; Secure; SameSite=Strict$/)
  })

  test.each(['wrong', 'clk_0000000000000000000000000000000000000000000', 'a.b.c', `${internalKey} `])(
    'with %j is refused in the contract’s words',
    async (text) => {
      const { status, text: body, set } = await signIn(text)
      expect([status, body, set]).toEqual([401, '{"detail":"unauthorized"}', ''])
    },
  )

  ofOneProcess.test('ends with the token, and with the key', async () => {
    const seconds = 120
    const token = await tokenOf(signer, { sub: 'bob', exp: seconds - 60 })
    const { cookie } = await signIn(token)
    const { expires_at: tokenEnd } = await me(cookie)
    expect(Date.parse(tokenEnd ?? '') - Date.now()).toBeLessThanOrEqual(seconds * 1000)
    const { id, key } = await personalKey('dave', { expires_in_seconds: 60 })
    const signedIn = await signIn(key)
    expect(Date.parse((await me(signedIn.cookie)).expires_at ?? '') - Date.now()).toBeLessThanOrEqual(60_000)
    await stage.call('POST', '/maintenance/keys/revoke', { id })
    expect((await ask(stage, 'GET', '/sessions', { host, cookie: signedIn.cookie })).status).toBe(401)
    expect(await me(signedIn.cookie)).toMatchObject({ signed_in: false, kind: null, user: null })
  })

  test('counts on every replica that has the key, and ends when that key goes', async () => {
    const { cookie } = await signIn(otherKey)
    const person = (await signIn((await personalKey('erin')).key)).cookie
    await using replica = await Stage.open({ keys: ['new-key-0123456789', otherKey] })
    expect(await me(cookie, replica)).toMatchObject({ kind: 'service' })
    // Sealed by the first key, which is gone here.
    expect(await me(person, replica)).toMatchObject({ signed_in: false })
    await using rotated = await Stage.open({ keys: ['new-key-0123456789'] })
    expect(await me(cookie, rotated)).toMatchObject({ signed_in: false })
  })

  test('ends by a sign-out, which the browser keeps', async () => {
    const { status, set } = await ask(stage, 'POST', '/auth/sign-out', ownPage)
    expect(status).toBe(200)
    expect(set).toMatch(/^codelab-8001=; Path=\/; Expires=Thu, 01 Jan 1970/)
  })

  test('is tried at most 30 times a minute from one address', async () => {
    await using of = await Stage.open()
    const statuses = []
    for (let i = 0; i < 31; i++) statuses.push((await signIn('wrong', ownPage, of)).status)
    expect(statuses.slice(0, 30).every((status) => status === 401)).toBe(true)
    expect(statuses[30]).toBe(429)
    expect((await signIn(internalKey, ownPage, of)).status).toBe(429)
  })
})

describe('a cookie', () => {
  test('that was changed, is of elsewhere, or is there twice, is nobody’s', async () => {
    const { cookie } = await signIn(internalKey)
    const [name, value = ''] = cookie.split('=')
    const parts = value.split('.')
    const none = Buffer.from('{"alg":"none"}').toString('base64url')
    for (const wrong of [
      `${name}=${value.slice(0, -2)}AA`,
      `${name}=${none}.${parts.slice(1).join('.')}`,
      `${name}=${Buffer.from('{"kind":"service","exp":9999999999}').toString('base64url')}`,
      `codelab-9000=${value}`,
      `${cookie}; ${cookie}`,
      `${name}=`,
      `${cookie}; a=${'x'.repeat(20_000)}`,
    ])
      expect((await ask(stage, 'GET', '/sessions', { host, cookie: wrong })).status, wrong.slice(0, 80)).toBe(401)
    expect((await ask(stage, 'GET', '/sessions', { host, cookie: `a=b; ${cookie}; c=d` })).status).toBe(200)
  })

  test('counts for a change only from a page of this server that says what it is', async () => {
    const { cookie } = await signIn(internalKey)
    const change = (headers: Headers) => ask(stage, 'POST', '/sessions', { ...headers, cookie }, {})
    expect((await change(ownPage)).status).toBe(201)
    const { 'x-codelab-console': _, ...unmarked } = ownPage
    for (const headers of [
      unmarked,
      { host, 'x-codelab-console': '1' },
      { ...ownPage, origin: 'http://localhost:3000' },
      { ...ownPage, origin: 'null' },
      { ...ownPage, origin: `https://${host}.evil.example` },
    ] as Headers[]) {
      const { status, text } = await change(headers)
      expect([status, JSON.parse(text).code], JSON.stringify(headers)).toEqual([403, 'forbidden'])
    }
    for (const site of ['same-site', 'cross-site']) {
      expect((await change({ ...ownPage, 'sec-fetch-site': site })).status).toBe(401)
      const read = await ask(stage, 'GET', '/sessions', { host, cookie, 'sec-fetch-site': site })
      expect(read.status, 'a page of another port reads nothing').toBe(401)
    }
    expect((await change({ ...ownPage, 'sec-fetch-site': 'same-origin' })).status).toBe(201)
  })

  test('of an origin that may call is not taken: it has to bring a key', async () => {
    const page = 'http://localhost:3000'
    await using of = await Stage.open({ browsers: { hosts: null, origins: [page] } })
    const { cookie } = await signIn(internalKey, ownPage, of)
    expect((await ask(of, 'POST', '/sessions', { ...ownPage, origin: page, cookie }, {})).status).toBe(403)
    expect((await signIn(internalKey, { ...ownPage, origin: page }, of)).status).toBe(403)
  })

  test('counts less than a key that the request brings', async () => {
    const { cookie } = await signIn(internalKey)
    expect((await ask(stage, 'GET', '/sessions', { host, cookie, 'x-internal-auth': 'wrong' })).status).toBe(401)
    const alice = (await personalKey('alice')).key
    const state = await ask(stage, 'GET', '/auth/me', { host, cookie, authorization: `Bearer ${alice}` })
    expect(JSON.parse(state.text)).toMatchObject({ kind: 'person', user: 'alice' })
  })

  test('opens a socket from a page of this server only', async () => {
    await using of = await Stage.open({ socketAccess: 'required' })
    const port = await of.listen()
    const own = { host: `localhost:${port}`, origin: `http://localhost:${port}`, 'x-codelab-console': '1' }
    const { cookie } = await signIn(internalKey, own, of)
    const url = `http://localhost:${port}/api/v1/ws/page`
    using socket = await Ide.open(url, { cookie, origin: own.origin })
    expect(socket.closed).toBeUndefined()
    for (const origin of [undefined, 'http://localhost:3000'])
      await expect(Ide.open(url, { cookie, ...(origin && { origin }) })).rejects.toThrow('403')
    await expect(Ide.open(url, { origin: own.origin })).rejects.toThrow('401')
  })
})

describe('where nobody set a key', () => {
  test('a page of this machine is signed in without one', async () => {
    await using of = await Stage.open({ openSignIn: true })
    expect(await me('', of)).toMatchObject({ signed_in: false, sign_in: 'not_needed' })
    const { status, cookie } = await signIn(undefined, ownPage, of)
    expect(status).toBe(200)
    expect(await me(cookie, of)).toMatchObject({ signed_in: true, kind: 'service' })
    for (const headers of [
      { ...ownPage, host: 'codelab.example', origin: 'http://codelab.example' },
      { ...ownPage, origin: 'http://localhost:3000' },
      { host, origin: ownPage.origin },
    ] as Headers[])
      expect((await signIn(undefined, headers, of)).cookie, JSON.stringify(headers)).toBe('')
    // Every other door stays as it is.
    expect((await ask(of, 'GET', '/sessions', { host })).status).toBe(401)
  })

  test('and nowhere else', async () => {
    const { status, text } = await signIn(undefined)
    expect([status, JSON.parse(text).code]).toEqual([422, 'invalid_input'])
  })
})
