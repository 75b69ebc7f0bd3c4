import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ModelEvent, ModelRequest } from '../../src/application/ports/language-model.ts'
import { ofOneProcess } from '../replicas/of-one-process.ts'
import { message, post, RawClient } from './raw-client.ts'
import { framesOf, key, Stage, says } from './stage.ts'

let stage: Stage
let port: number
beforeAll(async () => {
  stage = await Stage.open({ heartbeatMs: 100, drainMs: 4_000 })
  port = await stage.listen()
})
afterAll(() => stage[Symbol.asyncDispose]())

const lastChunk = '\r\n0\r\n\r\n'
const done = 'event: done\r\ndata: {"status":"completed"}\r\n\r\n'

/** A script that waits in the middle of its answer. */
function waiting(before: string, gate: Promise<void>, after: string) {
  return async function* (_request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    if (before !== '') yield { type: 'text-delta', text: before }
    const { promise: stopped, reject } = Promise.withResolvers<void>()
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    await Promise.race([gate, stopped])
    yield* says(after)
  }
}

function errors(): unknown[] {
  return stage.lines.filter(({ level }) => level === 'error')
}

ofOneProcess.describe('bytes', () => {
  test('the head and the frames, byte for byte', async () => {
    await stage.coderSession('w1')
    stage.model.script(says('Привет\u2028\u0085 🚀 "q" \\ \n'))
    using client = await RawClient.connect(port)
    client.socket.write(message('w1', 'hi'))
    await client.until(lastChunk)
    const { head, body } = client.answer
    const lines = head.split('\r\n').filter((line) => !line.toLowerCase().startsWith('date: '))
    expect(lines[0]).toBe('HTTP/1.1 200 OK')
    expect(
      lines
        .slice(1)
        .map((line) => line.toLowerCase())
        .sort(),
    ).toEqual([
      'cache-control: no-cache',
      'connection: keep-alive',
      'content-type: text/event-stream; charset=utf-8',
      'transfer-encoding: chunked',
      'x-accel-buffering: no',
    ])
    const text = '\\u041f\\u0440\\u0438\\u0432\\u0435\\u0442\\u2028\\u0085 \\ud83d\\ude80 \\"q\\" \\\\ \\n'
    expect(body).toBe(
      `event: message\r\ndata: {"type":"assistant_message","content":"${text}","token":"${text}","is_final":true,"requires_approval":false}\r\n\r\n${done}`,
    )
  })

  test('a refusal', async () => {
    using client = await RawClient.connect(port)
    client.socket.write(
      post('/agent/message/stream', '{"session_id":"w2","message":{"type":"banana"}}', ['x-request-id: r-1']),
    )
    await client.until(lastChunk)
    const text = 'Unsupported message type: banana'
    expect(client.answer.body).toBe(
      `event: error\r\ndata: {"type":"error","error":"${text}","content":"${text}","is_final":true,"code":"invalid_input","retryable":false,"request_id":"r-1"}\r\n\r\n${done}`,
    )
  })

  test('the head is out before the model says a word, and the silence is filled', async () => {
    await stage.coderSession('w3')
    const gate = Promise.withResolvers<void>()
    stage.model.script(waiting('', gate.promise, 'Late.'), says('Second.'))
    using client = await RawClient.connect(port)
    client.socket.write(message('w3', 'hi'))
    await client.until('text/event-stream')
    using second = await RawClient.connect(port)
    second.socket.write(message('w3', 'waits in line'))
    await client.until(': ping')
    await second.until(': ping')
    expect(client.answer.body).toMatch(/^(: ping - \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\r\n\r\n)+$/)
    gate.resolve()
    await second.until(lastChunk)
    expect(framesOf(client.answer.body).map(({ event }) => event)).toEqual(['message', 'done'])
    expect(framesOf(second.answer.body)[0]?.data.content).toBe('Second.')
  })

  test('the connection takes the next request', async () => {
    await stage.coderSession('w4')
    using client = await RawClient.connect(port)
    client.socket.write(message('w4', 'one'))
    await client.until(lastChunk)
    client.received = ''
    client.socket.write(message('w4', 'two'))
    await client.until(lastChunk)
    expect(framesOf(client.answer.body).at(-1)?.event).toBe('done')
  })

  test('a client that asks for the end of the connection gets it', async () => {
    await stage.coderSession('w5')
    using client = await RawClient.connect(port)
    client.socket.write(message('w5', 'one').replace('host: localhost', 'host: localhost\r\nconnection: close'))
    await client.untilClosed()
    expect(client.answer.body.endsWith(done)).toBe(true)
  })
})

describe('readers', () => {
  test('one that leaves while the model works: the answer is stored, nothing is logged as an error', async () => {
    await stage.coderSession('r1')
    const gate = Promise.withResolvers<void>()
    stage.model.script(waiting('Par', gate.promise, 'tial'))
    const client = await RawClient.connect(port)
    client.socket.write(message('r1', 'hi', { features: ['deltas'] }))
    await client.until('"token":"Par"')
    client.socket.destroy()
    await sleep(50)
    gate.resolve()
    while ((await stage.historyLength('r1')) < 2) await sleep(5)
    const { messages } = (await stage.call('GET', '/sessions/r1/history')).body
    expect(messages.at(-1)).toEqual({ role: 'assistant', content: 'Partial' })
    expect(errors()).toEqual([])
  })

  test('one that leaves at the word done', async () => {
    await stage.coderSession('r2')
    const client = await RawClient.connect(port)
    client.socket.write(message('r2', 'hi'))
    await client.until('event: done')
    client.socket.destroy()
    await sleep(50)
    expect(errors()).toEqual([])
  })

  test('one that reads nothing is cut; the run goes on, and others do not notice', async () => {
    await stage.coderSession('r3')
    await stage.coderSession('r4')
    const gate = Promise.withResolvers<void>()
    stage.model.script(async function* (): AsyncGenerator<ModelEvent> {
      for (let i = 0; i < 64; i++) {
        yield { type: 'text-delta', text: 'x'.repeat(256 * 1024) }
        await sleep(1)
      }
      await gate.promise
      yield* says('end')
    })
    const slow = await RawClient.connect(port)
    slow.socket.pause()
    const asked = stage.model.calls.length
    slow.socket.write(message('r3', 'much', { features: ['deltas'] }))
    while (stage.model.calls.length === asked) await sleep(5)
    expect((await stage.send('r4', { content: 'hi' })).at(-1)?.event).toBe('done')
    // Its line in the log is written when the connection is gone.
    while (
      !stage.lines.some(({ facts }) => facts['session_id'] === 'r3' && facts['route'] === '/agent/message/stream')
    ) {
      await sleep(20)
    }
    slow.socket.resume()
    await slow.untilClosed()
    expect(slow.received).not.toContain('event: done')
    gate.resolve()
    while ((await stage.historyLength('r3')) < 2) await sleep(20)
    expect(errors()).toEqual([])
  })

  test('one that falls behind for a moment has every character, once and in order', async () => {
    // With the product's limit: how long the moment is depends on the machine.
    await using roomy = await Stage.open()
    const where = await roomy.listen()
    await roomy.coderSession('r5')
    const pieces = Array.from({ length: 100 }, (_, i) => `${i}:${'y'.repeat(250_000)};`)
    const produced = Promise.withResolvers<void>()
    roomy.model.script(async function* (): AsyncGenerator<ModelEvent> {
      for (const text of pieces) {
        yield { type: 'text-delta', text }
        await sleep(0)
      }
      produced.resolve()
      yield* says()
    })
    const client = await RawClient.connect(where)
    client.socket.pause()
    client.socket.write(message('r5', 'much', { features: ['deltas'] }))
    await produced.promise
    client.socket.resume()
    await client.until(lastChunk)
    const texts = framesOf(client.answer.body).filter(({ data }) => data.type === 'assistant_message')
    const joined = texts.map(({ data }) => data.token).join('')
    expect(joined === pieces.join('')).toBe(true)
    expect(texts.at(-1)?.data.content === joined).toBe(true)
    expect(texts.length).toBeLessThan(pieces.length)
    client.socket.destroy()
  })
})

describe('requests that are none', () => {
  ofOneProcess.test('a body of 64 MiB is refused before it is sent, and the connection closed', async () => {
    using client = await RawClient.connect(port)
    client.socket.write(
      post('/agent/message/stream', '').replace('content-length: 0', `content-length: ${64 * 1024 * 1024}`),
    )
    await client.until('request_id')
    expect(client.answer.head).toMatch(/^HTTP\/1\.1 413 /)
    expect(client.answer.head.toLowerCase()).toContain('connection: close')
    expect(JSON.parse(client.answer.body)).toMatchObject({
      code: 'message_too_long',
      detail: 'The body is larger than 17 MiB',
    })
    client.socket.end()
    await client.untilClosed()
  })

  test('who sends it all the same can still read why', async () => {
    const response = await fetch(`http://127.0.0.1:${port}/sessions`, {
      method: 'POST',
      headers: { 'x-internal-auth': key, 'content-type': 'application/json' },
      body: `{"a":"${'x'.repeat(30 * 1024 * 1024)}"}`,
    })
    expect([response.status, (await response.json()).code]).toEqual([413, 'message_too_long'])
  })

  test('a body without a length is refused as soon as it is too large', async () => {
    using client = await RawClient.connect(port)
    const head = post('/sessions', '').replace('content-length: 0', 'transfer-encoding: chunked')
    client.socket.write(head)
    const chunk = `40000\r\n${'x'.repeat(0x40000)}\r\n`
    for (let i = 0; i < 6; i++) client.socket.write(chunk)
    await client.until('HTTP/1.1 413')
    client.socket.write('0\r\n\r\n')
    await client.untilClosed()
  })

  ofOneProcess.test.each([
    ['two lengths', 'POST /sessions HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}'],
    [
      'a length and chunks',
      'POST /sessions HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['no HTTP', 'hello\r\n\r\n'],
    [
      'a bad chunk',
      `POST /sessions HTTP/1.1\r\nhost: x\r\nx-internal-auth: ${key}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`,
    ],
    ['a header without an end', `GET /health HTTP/1.1\r\nx: ${'y'.repeat(40_000)}\r\n\r\n`],
  ])('%s: one refusal, then the end', async (_name, bytes) => {
    using client = await RawClient.connect(port)
    client.socket.write(bytes)
    await client.untilClosed()
    expect(client.received).toMatch(/^HTTP\/1\.1 4(00|31) /)
    expect(client.received.match(/HTTP\/1\.1/g)).toHaveLength(1)
    expect(client.answer.body).toContain('"code":"invalid_input"')
  })

  test('a client that leaves in the middle of its body', async () => {
    const client = await RawClient.connect(port)
    client.socket.write(post('/sessions', '{"session_id":"half"').replace('content-length: 20', 'content-length: 30'))
    await sleep(50)
    client.socket.destroy()
    await sleep(50)
    expect((await stage.call('GET', '/sessions/half')).status).toBe(404)
    expect(errors()).toEqual([])
  })
})

ofOneProcess.describe('the end of the process', () => {
  test('every open stream has its last frames, and then it closes', async () => {
    const closing = await Stage.open()
    await using _ = closing
    const where = await closing.listen()
    const ids = Array.from({ length: 10 }, (_, i) => `e${i}`)
    for (const id of ids) await closing.coderSession(id)
    closing.model.script(...ids.map(() => waiting('Some', new Promise<void>(() => undefined), '')))
    const clients = await Promise.all(ids.map(() => RawClient.connect(where)))
    for (const [i, client] of clients.entries()) client.socket.write(message(`e${i}`, 'hi'))
    for (const id of ids) await closing.untilRunning(id)
    await closing.application.shutDown(0)
    await closing.app.close()
    for (const client of clients) {
      await client.untilClosed()
      const frames = framesOf(client.answer.body)
      expect(frames.map(({ event }) => event)).toEqual(['message', 'done'])
      expect(frames[0]?.data).toMatchObject({ type: 'error', code: 'shutting_down' })
    }
  })

  test('a stream of a run that never ends is ended too', async () => {
    const closing = await Stage.open()
    await using _ = closing
    const where = await closing.listen()
    await closing.coderSession('never')
    const gate = Promise.withResolvers<void>()
    closing.model.script(async function* (): AsyncGenerator<ModelEvent> {
      await gate.promise
      yield* says('late')
    })
    const client = await RawClient.connect(where)
    client.socket.write(message('never', 'hi'))
    await closing.untilRunning('never')
    await closing.app.close()
    await client.untilClosed()
    const frames = framesOf(client.answer.body)
    expect(frames.map(({ event }) => event)).toEqual(['error', 'done'])
    expect(frames[0]?.data).toMatchObject({ code: 'shutting_down', retryable: true })
    gate.resolve()
  })

  test('a request that is being answered is, and does not hold it up', async () => {
    const gate = Promise.withResolvers<void>()
    const closing = await Stage.open({
      health: async () => {
        await gate.promise
        return { status: 'healthy', details: {} }
      },
    })
    await using _ = closing
    using client = await RawClient.connect(await closing.listen())
    client.socket.write('GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await sleep(50)
    const closed = closing.app.close()
    await sleep(50)
    gate.resolve()
    await closed
    await client.untilClosed()
    expect(client.answer.body).toContain('"status":"healthy"')
  })
})
