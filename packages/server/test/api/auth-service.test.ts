import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createAuthService } from '../../src/infrastructure/auth/auth-service.ts'
import { MemoryRateCounter } from '../../src/infrastructure/rates/memory-rate-counter.ts'
import { Stage } from './stage.ts'

interface Seen {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

let upstream: Server
let port: number
let seen: Seen[]
let answer: (response: ServerResponse, request: IncomingMessage) => void
let stage: Stage
let closing: AsyncDisposableStack

beforeEach(async () => {
  seen = []
  answer = (response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  upstream = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    seen.push({ method: request.method, url: request.url, headers: request.headers, body })
    answer(response, request)
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  port = (upstream.address() as AddressInfo).port
  closing = new AsyncDisposableStack()
  closing.defer(() => {
    upstream.closeAllConnections()
    upstream.close()
  })
  await open()
})
afterEach(() => closing.disposeAsync())

async function open(url = `http://127.0.0.1:${port}/auth`): Promise<void> {
  const log = { debug() {}, info() {}, warn() {}, error() {} }
  const auth = closing.use(createAuthService({ url, log, totalMs: 300 }))
  stage = closing.use(await Stage.open({ auth }))
}

const form = 'grant_type=password&username=alice&password=p%26ss+word&client_id=codelab-flutter-app'

async function post(payload: string | Buffer = form, url = '/oauth/token', headers: Record<string, string> = {}) {
  const given = { 'content-type': 'application/x-www-form-urlencoded', ...headers }
  const response = await stage.app.inject({ method: 'POST', url, headers: given, payload })
  return { status: response.statusCode, text: response.body, headers: response.headers }
}

it('passes the form on as it is, without the key, on both addresses, and gives the answer back', async () => {
  const token = '{"access_token":"a","refresh_token":"b","token_type":"bearer","expires_in":900,"other":[1, 2]}'
  answer = (response) =>
    response
      .writeHead(200, { 'content-type': 'application/json; x=1', 'set-cookie': 'a=b', server: 'secret' })
      .end(token)
  for (const url of ['/oauth/token', '/api/v1/oauth/token']) {
    const { status, text, headers } = await post(form, url, { authorization: 'Basic eDp5', 'x-internal-auth': 'wrong' })
    expect([status, text, headers['content-type']]).toEqual([200, token, 'application/json; x=1'])
    expect(headers).toMatchObject({ 'cache-control': 'no-store' })
    expect(headers).not.toHaveProperty('set-cookie')
    expect(headers).not.toHaveProperty('server')
  }
  expect(seen).toHaveLength(2)
  expect(seen[1]).toMatchObject({ method: 'POST', url: '/auth/oauth/token', body: form })
  expect(seen[1]?.headers).toMatchObject({
    'content-type': 'application/x-www-form-urlencoded',
    authorization: 'Basic eDp5',
    'x-forwarded-for': '127.0.0.1',
  })
  expect(seen[1]?.headers).not.toHaveProperty('x-internal-auth')
})

it.each([400, 401, 403, 429])('gives a refusal back as it is: %i', async (code) => {
  const refusal = '{"error":"invalid_grant","error_description":"Неверный пароль"}'
  answer = (response) =>
    response.writeHead(code, { 'content-type': 'application/json', 'retry-after': '7' }).end(refusal)
  const { status, text, headers } = await post()
  expect([status, text, headers['retry-after']]).toEqual([code, refusal, '7'])
})

it('gives the keys, and how long they hold', async () => {
  answer = (response) => response.writeHead(200, { 'cache-control': 'max-age=3600' }).end('{"keys":[]}')
  const response = await stage.app.inject({ url: '/.well-known/jwks.json' })
  expect([response.statusCode, response.body, response.headers['cache-control']]).toEqual([
    200,
    '{"keys":[]}',
    'max-age=3600',
  ])
  expect(seen).toMatchObject([{ method: 'GET', url: '/auth/.well-known/jwks.json' }])
})

it('says what to set when there is no auth service', async () => {
  await using bare = await Stage.open()
  for (const options of [{ method: 'POST', url: '/oauth/token' }, { url: '/.well-known/jwks.json' }] as const) {
    const response = await bare.app.inject(options)
    expect(response.statusCode).toBe(404)
    expect(response.json()).toMatchObject({
      error: 'This server has no auth service',
      code: 'not_found',
      hint: 'Set CODELAB_AUTH_URL to the address of the auth service.',
    })
  }
})

/** None of them says where the auth service is, or what it said. */
it.each<[string, typeof answer, number, string]>([
  ['fails', (response) => response.writeHead(500).end('db at 10.0.0.7 is down'), 503, 'upstream_unavailable'],
  ['says nothing', () => {}, 504, 'upstream_timeout'],
  [
    'stops half-way',
    (response) => response.writeHead(200, { 'content-length': '9' }).write('{'),
    504,
    'upstream_timeout',
  ],
  ['breaks off', (_response, request) => request.socket.destroy(), 503, 'upstream_unavailable'],
  [
    'redirects',
    (response) => response.writeHead(302, { location: 'http://10.0.0.7/' }).end(),
    502,
    'upstream_bad_response',
  ],
  ['answers too much', (response) => response.writeHead(200).end('x'.repeat(70_000)), 502, 'upstream_bad_response'],
])('tells a client of ours when the service %s', async (_, way, code, name) => {
  answer = way
  const { status, text } = await post()
  expect([status, JSON.parse(text).code]).toEqual([code, name])
  expect(text).not.toContain(String(port))
  expect(text).not.toMatch(/127\.0\.0\.1|10\.0\.0\.7|model/)
})

it('tells when nobody listens there', async () => {
  await open('http://127.0.0.1:1')
  expect(await post()).toMatchObject({
    status: 503,
    text: expect.stringContaining('The auth service cannot be reached'),
  })
})

it('takes no form that is too large, and asks for it nobody', async () => {
  expect((await post('x'.repeat(20_000))).status).toBe(413)
  expect(seen).toEqual([])
})

it('bounds what strangers ask', async () => {
  stage = closing.use(
    await Stage.open({
      auth: {
        token: async () => ({ status: 200, headers: {}, body: Buffer.from('{}') }),
        keys: () => Promise.reject(),
      },
      protection: {
        rateLimit: 'off',
        strangers: { max: 3, windowMs: 60_000 },
        counter: new MemoryRateCounter(),
        strangersCounter: new MemoryRateCounter(),
        maxStreams: 10,
        maxStreamsPerUser: 10,
        overloaded: () => false,
      },
    }),
  )
  const statuses = []
  for (let i = 0; i < 5; i++) statuses.push((await post()).status)
  expect(statuses).toEqual([200, 200, 200, 429, 429])
})
