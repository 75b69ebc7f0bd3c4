import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { key, Stage } from '../api/stage.ts'
import { Ide } from '../socket/ide.ts'

const page = 'https://ide.example'
let stage: Stage
let open: Stage
let port: number
beforeAll(async () => {
  stage = await Stage.open({ browsers: { hosts: ['codelab.example'], origins: [] } })
  open = await Stage.open({ browsers: { hosts: null, origins: [page] } })
  port = await stage.listen()
})
afterAll(async () => {
  await stage[Symbol.asyncDispose]()
  await open[Symbol.asyncDispose]()
})

async function ask(
  of: Stage,
  headers: Record<string, string>,
  method: 'GET' | 'POST' | 'OPTIONS' = 'GET',
  url = '/sessions',
) {
  const response = await of.app.inject({ method, url, headers: { 'x-internal-auth': key, ...headers } })
  return { status: response.statusCode, headers: response.headers, text: response.body }
}

describe('the name that the server is called by', () => {
  test.each([
    ['localhost:8001', 200],
    ['127.0.0.1', 200],
    ['127.9.9.9:1', 200],
    ['[::1]:8001', 200],
    ['LOCALHOST', 200],
    ['codelab.example:443', 200],
    ['evil.example', 403],
    ['localhost.evil.example', 403],
    ['evil.example:8001', 403],
    ['127.0.0.1.evil.example', 403],
    ['a@localhost', 403],
    ['10.0.0.1', 403],
  ])('%j is %i', async (host, status) => {
    expect((await ask(stage, { host })).status).toBe(status)
  })

  test('is not asked of probes, and of nobody where any name will do', async () => {
    for (const url of ['/health', '/health/live', '/health/ready', '/ready'])
      expect((await ask(stage, { host: '10.0.0.1' }, 'GET', url)).status).toBe(200)
    expect((await ask(open, { host: 'evil.example' })).status).toBe(200)
  })

  test('is asked before the key', async () => {
    const { statusCode, body } = await stage.app.inject({ url: '/docs', headers: { host: 'evil.example' } })
    expect([statusCode, JSON.parse(body).code]).toEqual([403, 'forbidden'])
    expect(JSON.parse(body).hint).toContain('CODELAB_ALLOWED_HOSTS')
  })
})

describe('the page that asks', () => {
  test.each([
    [undefined, 201],
    ['http://localhost:3000', 403],
    ['http://localhost', 201],
    ['http://evil.example', 403],
    ['null', 403],
    [page, 403],
  ])('from %s changes something: %i', async (origin, status) => {
    expect((await ask(stage, { host: 'localhost', ...(origin && { origin }) }, 'POST')).status).toBe(status)
  })

  test('reads what its browser lets it, and that is nothing', async () => {
    const { status, headers } = await ask(stage, { origin: 'http://evil.example' })
    expect(status).toBe(200)
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  test('opens no socket from elsewhere, with the key or without', async () => {
    const url = `http://127.0.0.1:${port}/api/v1/ws/page`
    for (const headers of [{ 'x-internal-auth': key }, {}] as Record<string, string>[]) {
      await expect(Ide.open(url, { ...headers, origin: 'http://evil.example' })).rejects.toThrow('403')
    }
    using own = await Ide.open(url, { 'x-internal-auth': key, origin: `http://127.0.0.1:${port}` })
    expect(own.closed).toBeUndefined()
  })
})

describe('an origin that is allowed', () => {
  const preflight = { origin: page, 'access-control-request-method': 'POST' }

  test('may ask before it has a key, and nobody else', async () => {
    const asked = await open.app.inject({ method: 'OPTIONS', url: '/sessions', headers: preflight })
    expect(asked.statusCode).toBe(204)
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': page,
      'access-control-allow-methods': expect.stringContaining('PATCH'),
      'access-control-allow-headers': expect.stringContaining('authorization'),
      vary: 'Origin',
    })
    for (const [of, headers] of [
      [open, { ...preflight, origin: 'https://evil.example' }],
      [open, {}],
      [stage, preflight],
    ] as const) {
      const { statusCode, body } = await of.app.inject({ method: 'OPTIONS', url: '/sessions', headers })
      expect([statusCode, body]).toEqual([401, '{"detail":"unauthorized"}'])
    }
  })

  test('reads answers, refusals and streams, and changes things', async () => {
    const made = await ask(open, { origin: page }, 'POST')
    expect([made.status, made.headers['access-control-allow-origin']]).toEqual([201, page])
    const refused = await open.app.inject({ url: '/sessions', headers: { origin: page } })
    expect([refused.statusCode, refused.headers['access-control-allow-origin']]).toEqual([401, page])
    const headers = { 'x-internal-auth': key, 'content-type': 'application/json', origin: page }
    const payload = JSON.stringify({ session_id: 'page', message: { type: 'user_message', content: 'hi' } })
    const stream = await open.app.inject({ method: 'POST', url: '/agent/message/stream', headers, payload })
    expect([stream.statusCode, stream.headers['access-control-allow-origin']]).toEqual([200, page])
  })
})
