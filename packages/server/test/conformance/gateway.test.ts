import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exchange } from '../exchange.ts'
import { internalKey } from '../server-process.ts'
import { Ide } from '../socket/ide.ts'
import { Gateway } from './gateway.ts'
import { GatewayStream } from './gateway-stream.ts'
import { PythonLines } from './python-lines.ts'
import { Stage } from './stage.ts'

describe('the model of the Gateway loses what the Gateway loses', () => {
  const read = (text: string) => {
    const frames: object[] = []
    const stream = new GatewayStream((frame) => frames.push(frame))
    for (const byte of Buffer.from(text)) stream.push(Uint8Array.of(byte))
    return frames
  }
  const good = 'event: message\r\ndata: {"a":1,"b":null,"c":{"d":null}}\r\n\r\n'

  test.each<[string, string, object[]]>([
    ['takes the nulls of the top only', good, [{ a: 1, c: { d: null } }]],
    ['and none from another event', good.replace('message', 'error'), [{ a: 1, b: null, c: { d: null } }]],
    ['needs the blank behind data:', good.replace('data: ', 'data:'), []],
    ['needs the blank behind event:', good.replace('event: ', 'event:'), [{ a: 1, b: null, c: { d: null } }]],
    ['stops at done', `event: done\r\ndata: {}\r\n\r\n${good}`, []],
    ['stops at [DONE]', `data: [DONE]\r\n\r\n${good}`, []],
    ['loses a frame with a raw U+2028', good.replace('"a":1', '"a":"x\u2028y"'), []],
    ['loses several data lines', 'event: message\ndata: {"a":\ndata: 1}\n\n', []],
    ['comments are harmless', `: ping\r\n\r\n${good}`, [{ a: 1, c: { d: null } }]],
  ])('%s', (_, text, frames) => {
    expect(read(text)).toEqual(frames)
  })

  test('lines end where they end for Python', () => {
    const lines = new PythonLines()
    expect([...lines.push('a\r'), ...lines.push('\nb\rc\u0085d\u2029e\vf\fg\u001eh\n')]).toEqual([...'abcdefgh'])
  })
})

describe('before a runtime that answers with another status', () => {
  test.each(['seed', 'last'] as const)('%s', async (revision) => {
    const busy = createServer((_, response) => response.writeHead(429).end()).listen(0, '127.0.0.1')
    await once(busy, 'listening')
    const target = () => `http://127.0.0.1:${(busy.address() as AddressInfo).port}`
    await using gateway = await Gateway.start({ revision, target })
    using ide = await Ide.open(`${gateway.url}/api/v1/ws/a`)
    ide.say('hi')
    if (revision === 'last') expect(await ide.next()).toEqual({ type: 'error', content: 'Agent error: 429' })
    ide.sendText('{"type":"banana"}')
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(ide.frames).toHaveLength(revision === 'last' ? 2 : 0)
    busy.close()
  })
})

describe('before our server', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await Stage.open()
  })
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]()
  })

  test('a refusal is in the stream: a rate, an agent, a decision, a call that there is not', async () => {
    await using limited = await Stage.open({ CODELAB_RATE_LIMIT: '3/min' })
    using ide = await limited.ide('seed').connect('refused')
    ide.send({ type: 'switch_agent', agent_type: 'wizard', content: 'x' })
    expect((await ide.next())['content']).toContain('wizard')
    ide.send({ type: 'hitl_decision', call_id: 'none', decision: 'approve' })
    expect(await ide.next()).toMatchObject({ type: 'error', code: 'approval_not_pending' })
    ide.send({ type: 'tool_result', call_id: 'none', result: {} })
    expect(await ide.next()).toMatchObject({ type: 'error' })
    for (let i = 0; i < 4; i++) ide.say('again @coder #plain')
    await expect.poll(() => ide.frames.some((frame) => frame['code'] === 'rate_limited')).toBe(true)
  })

  test('a silent turn is kept alive by comments that come more often than it gives up', async () => {
    const target = () => stage.server.url
    await using seed = await Gateway.start({ revision: 'seed', target, idleMs: 16_500 })
    await using last = await Gateway.start({ revision: 'last', target, idleMs: 16_500 })
    const answers = [seed, last].map(async ({ url }, i) => {
      using ide = await Ide.open(`${url}/api/v1/ws/silent-${i}`)
      ide.say('wait @coder #slow:19000')
      return (await ide.until('assistant_message'))['content']
    })
    expect(await Promise.all(answers)).toEqual(['Slow answer.', 'Slow answer.'])
  })

  test('events and metrics are passed on, with their status', async () => {
    await using gateway = await Gateway.start({ revision: 'last', target: () => stage.server.url })
    const get = async (path: string) => {
      const headers = { 'x-internal-auth': internalKey }
      return exchange(gateway.url, { method: 'GET', path: `/api/v1${path}`, headers })
    }
    for (const path of ['/events/metrics', '/events/stats', '/events/metrics/sessions', '/events/audit-log?limit=5']) {
      expect((await get(path))?.status).toBe(200)
    }
    expect(await get('/events/metrics/session/none')).toMatchObject({ status: 404 })
    expect((await get('/sessions/none/history'))?.body).toBe('{"error":"Agent Runtime error: 404"}')
  })
})
