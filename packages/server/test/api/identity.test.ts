import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { framesOf, key, Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage[Symbol.asyncDispose]())

/** A request of somebody. */
async function ask(
  headers: Record<string, string | string[]>,
  method: 'GET' | 'POST' | 'DELETE',
  url: string,
  body?: unknown,
) {
  const response = await stage.app.inject({
    method,
    url,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
  })
  return {
    status: response.statusCode,
    text: response.body,
    body: response.body === '' ? undefined : parsed(response.body),
  }
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
function parsed(text: string): any {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const service = { 'x-internal-auth': key }
const as = (user: string) => ({ ...service, 'x-codelab-user': user })
const ids = ({ body }: { body: { sessions: { id: string }[] } }) => body.sessions.map(({ id }) => id).sort()

async function say(headers: Record<string, string>, sessionId: string) {
  const message = { type: 'user_message', content: 'hello' }
  const { text } = await ask(headers, 'POST', '/agent/message/stream', { session_id: sessionId, message })
  return framesOf(text)
}

describe('the internal key for a user', () => {
  test('makes sessions that are that user’s, and that another does not see', async () => {
    expect((await ask(as('alice'), 'POST', '/sessions', { session_id: 'plan' })).status).toBe(201)
    expect((await ask(as('bob'), 'GET', '/sessions/plan')).status).toBe(404)
    expect(ids(await ask(as('alice'), 'GET', '/sessions'))).toContain('plan')
    expect(ids(await ask(as('bob'), 'GET', '/sessions'))).toEqual([])
    expect((await ask(as('bob'), 'POST', '/sessions', { session_id: 'plan' })).status).toBe(201)
    await say(as('alice'), 'plan')
    expect((await ask(as('alice'), 'GET', '/sessions/plan/history')).body.message_count).toBe(2)
    expect((await ask(as('bob'), 'GET', '/sessions/plan/history')).body.message_count).toBe(0)
  })

  test.each(['a,b', 'a b', '', 'x'.repeat(256)])('%j is refused', async (user) => {
    const { status, body } = await ask(as(user), 'GET', '/agents')
    expect([status, body.code]).toEqual([422, 'invalid_input'])
    expect(body.hint).toContain('comma')
  })

  test('two users are refused', async () => {
    const { status } = await ask({ ...service, 'x-codelab-user': ['alice', 'bob'] }, 'GET', '/agents')
    expect(status).toBe(422)
  })

  test.each([
    ['GET', '/metrics'],
    ['GET', '/events/stats'],
    ['GET', '/events/dead-letters'],
    ['POST', '/events/dead-letters/replay'],
    ['POST', '/maintenance/cleanup'],
    ['POST', '/maintenance/pause'],
    ['POST', '/maintenance/backup'],
  ] as const)('is no operator: %s %s', async (method, url) => {
    const { status, body } = await ask(as('alice'), method, url, method === 'POST' ? {} : undefined)
    expect([status, body.code]).toEqual([403, 'forbidden'])
  })

  test('sees no details of a check', async () => {
    expect((await ask(as('alice'), 'GET', '/ready')).body).toEqual({ status: 'healthy' })
  })
})

describe('the internal key for nobody', () => {
  test('finds the session of anybody by its id, and lists its own', async () => {
    await ask(as('alice'), 'POST', '/sessions', { session_id: 'alices' })
    await ask(service, 'POST', '/sessions', { session_id: 'services' })
    expect((await ask(service, 'GET', '/sessions/alices')).status).toBe(200)
    expect(ids(await ask(service, 'GET', '/sessions'))).toEqual(['services'])
    await say(service, 'alices')
    expect((await ask(as('alice'), 'GET', '/sessions/alices/history')).body.message_count).toBe(2)
    const audit = await ask(service, 'GET', '/events/audit-log?session_id=alices')
    expect(audit.body.count).toBe((await ask(as('alice'), 'GET', '/events/audit-log?session_id=alices')).body.count)
    expect(audit.body.count).toBeGreaterThan(0)
    expect((await ask(service, 'GET', '/events/metrics/session/alices')).status).toBe(200)
  })

  test('has its own where others have the same id, and none of several', async () => {
    for (const headers of [as('alice'), as('bob')]) await ask(headers, 'POST', '/sessions', { session_id: 'many' })
    expect((await ask(service, 'GET', '/sessions/many')).status).toBe(404)
    await say(service, 'many')
    expect((await ask(service, 'GET', '/sessions/many/history')).body.message_count).toBe(2)
    expect((await ask(as('alice'), 'GET', '/sessions/many/history')).body.message_count).toBe(0)
  })

  test('is itself by its name too', async () => {
    expect((await ask(as('service'), 'GET', '/events/stats')).status).toBe(200)
  })
})

test('a token that is wrong is refused beside a key that is right', async () => {
  expect((await ask({ ...service, authorization: 'Bearer nope' }, 'GET', '/agents')).text).toBe(
    '{"detail":"unauthorized"}',
  )
  expect((await ask({ ...service, authorization: 'Basic eDp5' }, 'GET', '/agents')).status).toBe(200)
  expect((await ask({ authorization: `Bearer ${key}` }, 'GET', '/agents')).status).toBe(200)
})
