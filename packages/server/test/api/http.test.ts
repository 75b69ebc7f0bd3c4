import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { key, Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage[Symbol.asyncDispose]())

async function post(url: string, payload: string | Buffer, type: string | undefined = 'application/json') {
  const headers = { 'x-internal-auth': key, ...(type === undefined ? {} : { 'content-type': type }) }
  const response = await stage.app.inject({ method: 'POST', url, headers, payload })
  return { status: response.statusCode, body: response.json(), headers: response.headers }
}

describe('paths and methods', () => {
  test('an unknown path', async () => {
    const { status, body, headers } = await stage.call('GET', '/nope')
    expect(status).toBe(404)
    expect(body).toEqual({
      detail: 'Not Found',
      error: 'Not Found',
      code: 'not_found',
      request_id: headers['x-request-id'],
    })
  })

  test.each([
    ['GET', '/agent/message/stream', 'POST'],
    ['DELETE', '/sessions', 'GET, HEAD, POST'],
    ['PUT', '/agents', 'GET, HEAD'],
    ['POST', '/sessions/abc/history', 'GET, HEAD'],
    ['OPTIONS', '/sessions/abc', 'DELETE, GET, HEAD, PATCH'],
    ['POST', '/events/metrics/sessions', 'GET, HEAD'],
  ] as const)('%s %s is a wrong method', async (method, url, allow) => {
    const { status, body, headers } = await stage.call(method, url)
    expect([status, headers['allow'], body.detail, body.error]).toEqual([
      405,
      allow,
      'Method Not Allowed',
      'Method Not Allowed',
    ])
  })

  test.each([
    ['/sessions/', '/sessions'],
    ['/sessions/?limit=2&offset=1', '/sessions?limit=2&offset=1'],
    ['/sessions/abc/history/', '/sessions/abc/history'],
    ['/agents//', '/agents'],
  ])('%s has a slash too many', async (url, location) => {
    const { status, headers } = await stage.call('GET', url)
    expect([status, headers['location']]).toEqual([307, location])
  })

  test.each(['/nope/', '//example.org/', '/'])('%s is no path, with or without the slash', async (url) => {
    expect((await stage.call('GET', url)).status).toBe(404)
  })

  test('HEAD is answered where GET is, without a body', async () => {
    const { status, headers, text } = await stage.call('HEAD', '/agents')
    const get = await stage.call('GET', '/agents')
    expect([status, text, headers['content-length']]).toEqual([200, '', get.headers['content-length']])
  })

  test('a path that cannot be decoded is refused', async () => {
    expect((await stage.call('GET', '/sessions/%zz')).status).toBe(400)
  })

  test.each([
    ['a control character', '%00'],
    ['a line end', 'a%0d%0ab'],
    ['256 characters', 'a'.repeat(256)],
  ])('an id with %s is refused', async (_name, id) => {
    const { status, body } = await stage.call('GET', `/sessions/${id}`)
    expect([status, body.detail[0].loc]).toEqual([422, ['path', 'session_id']])
  })

  test.each(['../../etc/passwd', 'a/b', '  ', 'ключ 🚀', 'a'.repeat(255), '__proto__', 'constructor'])(
    'the id %s is only an id',
    async (id) => {
      const created = await stage.call('POST', '/sessions', { session_id: id })
      expect([created.status, created.body.id]).toEqual([201, id])
      expect((await stage.call('GET', `/sessions/${encodeURIComponent(id)}`)).body.id).toBe(id)
    },
  )
})

describe('heads', () => {
  test('JSON is compact, not escaped, and has the four security headers', async () => {
    const { headers, text } = await stage.call('POST', '/sessions', { session_id: 'Юникод' })
    expect(text.startsWith('{"id":"Юникод","session_id":"Юникод",')).toBe(true)
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
    })
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    expect(headers).not.toHaveProperty('content-security-policy')
  })

  test('a page has a policy that lets nothing in from outside', async () => {
    const response = await stage.app.inject({ url: '/docs' })
    expect(response.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'")
    expect(response.body).not.toMatch(/https?:/)
  })

  test('the id of a request is its own, or the one that came with it', async () => {
    const made = await stage.call('GET', '/nope')
    expect(made.body.request_id).toMatch(/^[\da-f-]{36}$/)
    const url = '/nope'
    const given = { 'x-internal-auth': key, 'x-request-id': 'trace-1.2:3' }
    expect((await stage.app.inject({ url, headers: given })).json().request_id).toBe('trace-1.2:3')
    const odd = { 'x-internal-auth': key, 'x-request-id': 'a b"<' }
    expect((await stage.app.inject({ url, headers: odd })).json().request_id).toMatch(/^[\da-f-]{36}$/)
  })
})

describe('bodies', () => {
  test.each(['/sessions', '/agent/message/stream'])('JSON with a fault is 422 at its place: %s', async (url) => {
    const { status, body } = await post(url, '{"session_id": "v", ')
    expect([status, body.code]).toEqual([422, 'invalid_input'])
    expect(body.detail).toMatchObject([{ type: 'json_invalid', loc: ['body', 20] }])
    expect(body.error).toContain('JSON decode error')
  })

  test.each([
    ['no body', '', undefined, 'missing'],
    ['an empty one', '', 'application/json', 'missing'],
    ['null', 'null', 'application/json', 'missing'],
    ['text', '{"session_id":"v","message":{}}', 'text/plain', 'model_attributes_type'],
    [
      'a type that only looks like JSON',
      '{"session_id":"v","message":{}}',
      'application/json\tx',
      'model_attributes_type',
    ],
    ['a list', '[]', 'application/json', 'model_attributes_type'],
    ['a form', 'session_id=v', 'application/x-www-form-urlencoded', 'model_attributes_type'],
  ])('%s on the stream endpoint is 422', async (_name, payload, type, fault) => {
    const { status, body } = await post('/agent/message/stream', payload, type)
    expect([status, body.detail[0].type, body.detail[0].loc]).toEqual([422, fault, ['body']])
  })

  test('a type with parameters, in capitals or of the JSON family is JSON', async () => {
    for (const type of ['Application/JSON; charset=utf-8', 'application/problem+json', ' application/json']) {
      expect((await post('/sessions', '{}', type)).status).toBe(201)
    }
  })

  test.each([
    ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['a NUL', Buffer.from('{"a":\0}')],
    ['a byte order mark', Buffer.from('\ufeff{}')],
    ['100,000 levels', Buffer.from('['.repeat(100_000))],
    ['65 levels', Buffer.from(`${'{"a":'.repeat(65)}1${'}'.repeat(65)}`)],
    ['10,001 keys', Buffer.from(`{${Array.from({ length: 10_001 }, (_, i) => `"k${i}":1`).join(',')}}`)],
    ['a __proto__ key', Buffer.from('{"a":{"__proto__":{}}}')],
    ['an escaped __proto__ key', Buffer.from('{"a":{"\\u005f_proto_\\u005F" :{}}}')],
  ])('%s is 422', async (_name, payload) => {
    for (const url of ['/sessions', '/agent/message/stream']) expect((await post(url, payload)).status).toBe(422)
  })

  test('what only looks like too much is accepted', async () => {
    const nested = `${'{"a":'.repeat(63)}"{[:__proto__\\""${'}'.repeat(63)}`
    expect((await post('/sessions', nested)).status).toBe(201)
    const listing = JSON.stringify(Array.from({ length: 9_000 }, (_, i) => ({ name: `${i}`, type: 'file' })))
    expect((await post('/sessions', `{"items":${listing}}`)).status).toBe(201)
    expect((await post('/sessions', '{"text":"\\"__proto__\\": 1","a":"__proto__"}')).status).toBe(201)
  })

  test('more than 1 MiB is 413 on REST, and accepted on the stream', async () => {
    const large = 'x'.repeat(1024 * 1024)
    const { status, body } = await post('/sessions', JSON.stringify({ large }))
    expect([status, body.code]).toEqual([413, 'message_too_long'])
    const streamed = await stage.send('large-body', { content: 'hi', metadata: { large } })
    expect(streamed.at(-1)?.event).toBe('done')
  })
})
