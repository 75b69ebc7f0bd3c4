import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ofOneProcess } from '../replicas/of-one-process.ts'
import { Ide } from '../socket/ide.ts'
import { framesOf, key as internalKey, Stage, says } from './stage.ts'

let stage: Stage
let port: number
beforeAll(async () => {
  stage = await Stage.open()
  port = await stage.listen()
})
afterAll(() => stage[Symbol.asyncDispose]())

async function made(user: string, more: object = {}): Promise<{ id: string; key: string }> {
  const { status, body } = await stage.call('POST', '/maintenance/keys', { user, ...more })
  expect(status).toBe(200)
  return body
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const status = async (headers: Record<string, string>, url = '/sessions') =>
  (await stage.app.inject({ url, headers })).statusCode
const socketUrl = (id: string, query = '') => `http://127.0.0.1:${port}/api/v1/ws/${id}${query}`

/** A model that says one word and the rest when it is let. */
function slowAnswer() {
  const go = Promise.withResolvers<void>()
  stage.model.script(async function* () {
    yield* says('One ').slice(0, 1)
    await go.promise
    yield* says('two.')
  })
  return go.resolve
}

describe('a personal key', () => {
  test('is accepted as a bearer and in the header of the internal key, for its person alone', async () => {
    const { key } = await made('alice')
    expect(key).toMatch(/^clk_[\w-]{43}$/)
    const payload = JSON.stringify({ session_id: 'hers' })
    const headers = { ...bearer(key), 'content-type': 'application/json' }
    expect((await stage.app.inject({ method: 'POST', url: '/sessions', headers, payload })).statusCode).toBe(201)
    const other = await made('bob')
    for (const auth of [bearer(key), { 'x-internal-auth': key }]) expect(await status(auth, '/sessions/hers')).toBe(200)
    for (const auth of [bearer(other.key), { ...bearer(other.key), 'x-internal-auth': internalKey }])
      expect(await status(auth, '/sessions/hers')).toBe(404)
    expect(await status({ ...bearer(key), 'x-internal-auth': other.key })).toBe(401)
    expect(await status({ ...bearer(other.key), 'x-codelab-user': 'alice' }, '/sessions/hers')).toBe(404)
  })

  test('operates nothing', async () => {
    const { key } = await made('alice')
    for (const url of ['/maintenance/keys', '/metrics']) expect(await status(bearer(key), url)).toBe(403)
  })

  test('is kept as a hash, and shown in no list and no log', async () => {
    const { key, id } = await made('carol')
    await status(bearer(key))
    const { text, body } = await stage.call('GET', '/maintenance/keys?user=carol')
    expect(text).not.toContain(key)
    expect(body.keys).toMatchObject([{ id, user: 'carol', hint: key.slice(0, 8), revoked_at: null }])
    await expect
      .poll(async () => (await stage.call('GET', '/maintenance/keys?user=carol')).body.keys[0].last_used_at)
      .not.toBeNull()
    expect(JSON.stringify(stage.lines)).not.toContain(key)
  })

  test.each([`clk_${'a'.repeat(43)}`, 'clk_', 'clk_%00'])('%s is nobody’s', async (key) => {
    expect(await status(bearer(key))).toBe(401)
  })

  test('ends at its time', async () => {
    const { key } = await made('alice', { expires_in_seconds: 1 })
    expect(await status(bearer(key))).toBe(200)
    await sleep(1_050)
    expect(await status(bearer(key))).toBe(401)
  })

  test('has a limit of its own', async () => {
    const { key } = await made('dave', { rate: { max: 2, window_seconds: 60 } })
    expect([await status(bearer(key)), await status(bearer(key)), await status(bearer(key))]).toEqual([200, 200, 429])
    const send = async () => {
      const payload = JSON.stringify({ session_id: 'limited', message: { type: 'user_message', content: 'x' } })
      const headers = { ...bearer(key), 'content-type': 'application/json' }
      const { body } = await stage.app.inject({ method: 'POST', url: '/agent/message/stream', headers, payload })
      return framesOf(body).map(({ data }) => data.code ?? data.type ?? data.status)
    }
    await send()
    await send()
    expect(await send()).toEqual(['rate_limited', 'completed'])
    expect(await status({ 'x-internal-auth': internalKey })).toBe(200)
  })

  test.each(['service', 'a,b', ''])('cannot be made for %j', async (user) => {
    expect((await stage.call('POST', '/maintenance/keys', { user })).status).toBe(422)
  })
})

describe('a key that is revoked', () => {
  ofOneProcess.test('is refused at once', async () => {
    const { key, id } = await made('alice')
    expect(await status(bearer(key))).toBe(200)
    expect((await stage.call('POST', '/maintenance/keys/revoke', { id })).body).toEqual({ revoked: 1 })
    expect(await status(bearer(key))).toBe(401)
    expect((await stage.call('POST', '/maintenance/keys/revoke', { id })).status).toBe(404)
  })

  test('closes its sockets and streams in mid-turn, and the turn goes on', async () => {
    const { key } = await made('erin')
    const go = slowAnswer()
    using ide = await Ide.open(socketUrl('cut'), bearer(key))
    ide.say('hello')
    await ide.until('agent_switched')
    const follow = (path: string, body?: object) =>
      fetch(`http://127.0.0.1:${port}${path}`, {
        headers: { ...bearer(key), 'content-type': 'application/json' },
        ...(body && { method: 'POST', body: JSON.stringify(body) }),
      })
    const events = await follow('/sessions/cut/events')
    const message = { type: 'user_message', content: 'next' }
    const stream = await follow('/agent/message/stream', { session_id: 'cut', message })
    expect((await stage.call('POST', '/maintenance/keys/revoke', { user: 'erin' })).body).toEqual({ revoked: 1 })
    expect(await ide.closeCode()).toBe(4401)
    expect(await events.text()).toContain('"reason":"unauthorized"')
    expect(framesOf(await stream.text()).map(({ event, data }) => data.code ?? event)).toEqual(['unauthorized', 'done'])
    go()
    await expect.poll(() => stage.historyLength('cut')).toBeGreaterThanOrEqual(2)
    await expect.poll(async () => (await stage.call('GET', '/sessions/cut')).body.state).toBe('idle')
  })
})

describe('a socket', () => {
  test.each([
    ['header', (key: string) => Ide.open(socketUrl('ways'), bearer(key))],
    ['key header', (key: string) => Ide.open(socketUrl('ways'), { 'x-internal-auth': key })],
    ['query', (key: string) => Ide.open(socketUrl('ways', `?token=${key}`))],
    ['sub-protocol', (key: string) => Ide.open(socketUrl('ways'), {}, ['bearer', key])],
  ])('takes the key by its %s, and reaches only what is its person’s', async (_, open) => {
    const alice = await made('alice')
    using ide = await open(alice.key)
    ide.say('hello')
    await ide.until('assistant_message')
    expect(await status(bearer(alice.key), '/sessions/ways')).toBe(200)
    expect(await status(bearer((await made('bob')).key), '/sessions/ways')).toBe(404)
  })

  test('with a key that is none is refused, also where it could come without', async () => {
    await expect(Ide.open(socketUrl('ways'), bearer('clk_nope'))).rejects.toThrow('401')
  })
})
