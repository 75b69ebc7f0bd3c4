import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { key, Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage[Symbol.asyncDispose]())

const unauthorized = '{"detail":"unauthorized"}'

describe('without a key', () => {
  test.each([
    ['GET', '/agents'],
    ['GET', '/nope'],
    ['OPTIONS', '/agents'],
    ['POST', '/sessions'],
    ['DELETE', '/health/x'],
    ['GET', '/health/'],
    ['GET', '/%68ealth'],
    ['GET', '/docs/'],
    ['GET', '/docs/static/'],
    ['GET', '/docs/oauth2-redirect'],
    ['GET', '/sessions/%zz'],
    ['POST', '/agent/message/stream'],
  ] as const)('%s %s is 401', async (method, url) => {
    const response = await stage.app.inject({ method, url })
    expect([response.statusCode, response.body, response.headers['content-type']?.toString().split(';')[0]]).toEqual([
      401,
      unauthorized,
      'application/json',
    ])
  })

  test.each([
    ['/health', 200],
    ['/health?x=1', 200],
    ['/health/live', 200],
    ['/health/ready', 200],
    ['/ready', 200],
    ['/openapi.json', 200],
    ['/docs', 200],
    ['/redoc', 200],
    ['/docs/static/swagger-ui.css', 200],
    ['/llm/models', 404],
    ['/favicon.ico', 404],
  ])('%s is open', async (url, status) => {
    expect((await stage.app.inject({ url })).statusCode).toBe(status)
  })

  test('a wrong method on an open path is a wrong method', async () => {
    expect((await stage.app.inject({ method: 'POST', url: '/health' })).statusCode).toBe(405)
  })

  test('a check shows its details only with the key', async () => {
    expect((await stage.app.inject({ url: '/ready' })).json()).toEqual({ status: 'healthy' })
    expect((await stage.call('GET', '/ready')).body).toMatchObject({ status: 'healthy', details: { database: 'ok' } })
  })

  test('the body is not read: what cannot be parsed is 401 too', async () => {
    const headers = { 'content-type': 'application/json' }
    const response = await stage.app.inject({ method: 'POST', url: '/sessions', headers, payload: '{nope' })
    expect(response.body).toBe(unauthorized)
  })
})

describe('with a key', () => {
  test.each([key, 'another-key-0123456789'])('each of the list is accepted: %s', async (value) => {
    expect((await stage.app.inject({ url: '/agents', headers: { 'X-Internal-Auth': value } })).statusCode).toBe(200)
  })

  test.each([
    ['a wrong one', 'wrong'],
    ['an empty one', ''],
    ['a longer one', `${key}x`],
    ['a shorter one', key.slice(1)],
    ['both in one', `${key}, ${key}`],
  ])('%s is 401', async (_name, value) => {
    expect((await stage.app.inject({ url: '/agents', headers: { 'x-internal-auth': value } })).statusCode).toBe(401)
  })

  test('two headers are 401, even when both are right', async () => {
    const headers = { 'x-internal-auth': [key, key] }
    expect((await stage.app.inject({ url: '/agents', headers })).statusCode).toBe(401)
  })

  test('neither a key nor a body is in the log', async () => {
    await stage.call('POST', '/sessions', { session_id: 'logged', secret: 'body-text-in-log' })
    await stage.app.inject({ url: '/agents', headers: { 'x-internal-auth': 'wrong-key-in-log' } })
    const text = JSON.stringify(stage.lines)
    for (const secret of [key, 'wrong-key-in-log', 'body-text-in-log']) expect(text).not.toContain(secret)
    const line = stage.lines.find(({ facts }) => facts['session_id'] === 'logged')
    expect(line).toMatchObject({ level: 'info', message: 'request' })
    expect(line?.facts).toMatchObject({ method: 'POST', route: '/sessions', status: 201 })
    expect(line?.facts['request_id']).toEqual(expect.any(String))
  })
})
