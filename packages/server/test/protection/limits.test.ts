import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, describe, expect, test } from 'vitest'
import type { ProtectionOptions } from '../../src/api/options.ts'
import { MemoryRateCounter } from '../../src/infrastructure/rates/memory-rate-counter.ts'
import { RawClient } from '../api/raw-client.ts'
import { asks, doneFrame, key, Stage, says } from '../api/stage.ts'
import { ofOneProcess } from '../replicas/of-one-process.ts'

const roomy = (): ProtectionOptions => ({
  counter: new MemoryRateCounter(),
  strangersCounter: new MemoryRateCounter(),
  rateLimit: 'off',
  strangers: { max: 1_000, windowMs: 60_000 },
  maxStreams: 100,
  maxStreamsPerUser: 20,
  overloaded: () => false,
})

let stage: Stage

async function open(protection: Partial<ProtectionOptions>): Promise<void> {
  stage = await Stage.open({ protection: { ...roomy(), ...protection } })
}

afterEach(async () => {
  await stage[Symbol.asyncDispose]()
})

describe('the rate of a key', () => {
  test('is told on every answer, and the one too many is 429 with the body of the contract', async () => {
    await open({ rateLimit: { max: 2, windowMs: 60_000 } })
    const first = await stage.call('GET', '/agents')
    expect(first.status).toBe(200)
    expect(first.headers).toMatchObject({ 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '1' })
    const reset = Number(first.headers['x-ratelimit-reset']) - Date.now() / 1000
    expect(reset).toBeGreaterThan(50)
    expect(reset).toBeLessThan(62)
    expect((await stage.call('GET', '/nope')).headers).toMatchObject({ 'x-ratelimit-remaining': '0' })
    const { status, headers, body } = await stage.call('GET', '/agents')
    expect(status).toBe(429)
    expect(headers).toMatchObject({ 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '0' })
    expect(body).toEqual({
      error: 'Too many requests',
      detail: 'Too many requests',
      limit: 2,
      window: '1 minute',
      retry_after: Number(headers['retry-after']),
      code: 'rate_limited',
      hint: `Try again in ${headers['retry-after']} s.`,
      request_id: headers['x-request-id'],
    })
    expect(body.retry_after).toBeGreaterThan(50)
    expect(body.retry_after).toBeLessThanOrEqual(60)
  })

  test('is of that key only, is asked before the body is read, and leaves what is open to all alone', async () => {
    await open({ rateLimit: { max: 1, windowMs: 60_000 } })
    await stage.call('GET', '/agents')
    const headers = { 'x-internal-auth': key, 'content-type': 'application/json' }
    const unread = await stage.app.inject({ method: 'POST', url: '/sessions', headers, payload: '{nope' })
    expect(unread.statusCode).toBe(429)
    const other = { 'x-internal-auth': 'another-key-0123456789' }
    expect((await stage.app.inject({ url: '/agents', headers: other })).statusCode).toBe(200)
    for (const path of ['/health', '/health/ready', '/openapi.json', '/docs']) {
      const { status, headers: of } = await stage.call('GET', path)
      expect([path, status, of['x-ratelimit-limit']]).toEqual([path, 200, undefined])
    }
  })

  test('is over with its window', async () => {
    await open({ rateLimit: { max: 1, windowMs: 300 } })
    await stage.call('GET', '/agents')
    expect((await stage.call('GET', '/agents')).body).toMatchObject({ retry_after: 1, window: '1 seconds' })
    await sleep(350)
    expect((await stage.call('GET', '/agents')).status).toBe(200)
  })

  test('is not there unless it is set', async () => {
    await open({})
    const { headers } = await stage.call('GET', '/agents')
    expect(Object.keys(headers).filter((name) => name.startsWith('x-ratelimit'))).toEqual([])
  })
})

test('the rate of a session: refused in the stream, nothing stored; another session is not touched', async () => {
  await open({ rateLimit: { max: 1, windowMs: 60_000 } })
  await stage.send('r1', { content: 'one' })
  const [refusal, done, ...more] = await stage.send('r1', { content: 'two' })
  expect(refusal).toMatchObject({
    event: 'error',
    data: { type: 'error', code: 'rate_limited', error: 'Too many requests', is_final: true, retryable: true },
  })
  expect(refusal?.data.retry_after).toBeGreaterThan(50)
  expect([done, more]).toEqual([doneFrame, []])
  expect((await stage.send('r2', { content: 'one' })).at(0)?.event).toBe('message')
  expect((await stage.call('GET', '/sessions/r1')).body.message_count).toBe(2)
})

test('requests without a valid key: 429 after too many of an address, without touching who has the key', async () => {
  await open({ strangers: { max: 3, windowMs: 60_000 } })
  const guess = async (n: number, url = '/agents') => {
    const headers = { 'x-internal-auth': `guess-${n}` }
    return (await stage.app.inject({ url, method: url === '/agents' ? 'GET' : 'POST', headers })).statusCode
  }
  expect([await guess(1), await guess(2), await guess(3), await guess(4), await guess(5)]).toEqual([
    401, 401, 401, 429, 429,
  ])
  // The endpoint that must have no other status.
  expect(await guess(6, '/agent/message/stream')).toBe(401)
  expect((await stage.call('GET', '/agents')).status).toBe(200)
  expect((await stage.app.inject({ url: '/health' })).statusCode).toBe(200)
  const elsewhere = await stage.app.inject({ url: '/agents', remoteAddress: '127.0.0.9' })
  expect(elsewhere.statusCode).toBe(401)
})

ofOneProcess.test('open streams: one too many is refused in the stream, and taken when there is room', async () => {
  await open({ maxStreams: 1 })
  await stage.coderSession('s1')
  const go = Promise.withResolvers<void>()
  stage.model.script(async function* () {
    await go.promise
    yield* says('First.')
  })
  const first = stage.send('s1', { content: 'hi' })
  await stage.untilRunning('s1')
  const [refusal, done] = await stage.send('s2', { content: 'hi' })
  expect(refusal).toMatchObject({ event: 'error', data: { code: 'overloaded', retryable: true, retry_after: 5 } })
  expect(done).toEqual(doneFrame)
  expect((await stage.call('GET', '/sessions/s2')).status).toBe(404)
  go.resolve()
  expect((await first).at(-2)?.data.content).toBe('First.')
  expect((await stage.send('s2', { content: 'hi' })).at(0)?.event).toBe('message')
})

test('open streams: a client that leaves in the middle of its request is none', async () => {
  await open({ maxStreams: 3 })
  const port = await stage.listen()
  for (let left = 0; left < 10; left++) {
    using client = await RawClient.connect(port)
    const head = `POST /agent/message/stream HTTP/1.1\r\nhost: x\r\nx-internal-auth: ${key}\r\ncontent-type: application/json\r\n`
    client.socket.write(`${head}content-length: 100\r\n\r\n{"session_id"`)
    await sleep(20)
    client.socket.destroy()
    await sleep(20)
  }
  expect((await stage.send('s1', { content: 'hi' })).at(0)?.event).toBe('message')
  expect(stage.lines.filter(({ level }) => level === 'error')).toEqual([])
})

describe('too much load', () => {
  ofOneProcess.test(
    'new turns are refused in the stream, REST with 503; health and cancel answer; what runs goes on',
    async () => {
      let overloaded = false
      await open({ overloaded: () => overloaded })
      await stage.coderSession('o1')
      await stage.coderSession('o3')
      const go = Promise.withResolvers<void>()
      stage.model.script(async function* () {
        await go.promise
        yield* says('Went on.')
      })
      const running = stage.send('o1', { content: 'hi' })
      await stage.untilRunning('o1')
      overloaded = true
      const [refusal, done] = await stage.send('o2', { content: 'hi' })
      expect(refusal).toMatchObject({ event: 'error', data: { code: 'overloaded', retryable: true, retry_after: 5 } })
      expect(done).toEqual(doneFrame)
      const rest = await stage.call('POST', '/sessions', {})
      expect([rest.status, rest.headers['retry-after'], rest.body.code]).toEqual([503, '5', 'overloaded'])
      expect((await stage.call('GET', '/health/live')).status).toBe(200)
      expect((await stage.call('GET', '/health/ready')).body.details).toMatchObject({
        overloaded: true,
        open_streams: 1,
      })
      expect((await stage.call('POST', '/sessions/o3/cancel')).status).toBe(200)
      go.resolve()
      expect((await running).at(-2)?.data.content).toBe('Went on.')
      overloaded = false
      expect((await stage.send('o2', { content: 'hi' })).at(0)?.event).toBe('message')
    },
  )

  test('a turn that waits for a tool gets its result', async () => {
    let overloaded = false
    await open({ overloaded: () => overloaded })
    await stage.coderSession('t1')
    stage.model.script(asks('c1', 'read_file', { path: 'a.txt' }), says('Read.'))
    await stage.send('t1', { content: 'read' })
    overloaded = true
    const frames = await stage.send('t1', { type: 'tool_result', call_id: 'c1', result: { content: 'a' } })
    expect(frames.at(-2)?.data).toMatchObject({ type: 'assistant_message', content: 'Read.' })
  })
})
