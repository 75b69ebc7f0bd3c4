import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RawClient } from '../api/raw-client.ts'
import { exchange } from '../exchange.ts'
import { type ScriptedUpstream, startScriptedUpstream } from '../scripted-upstream.ts'
import { ServerProcess } from '../server-process.ts'
import { memoryOf } from './memory.ts'

const current = 'edge-current-key-0123456789'
const next = 'edge-next-key-0123456789'
const MiB = 1024 * 1024

let upstream: ScriptedUpstream
let server: ServerProcess
let port: number

beforeAll(async () => {
  upstream = await startScriptedUpstream()
  server = await ServerProcess.start({
    env: {
      CODELAB_INTERNAL_API_KEY: `${current},${next}`,
      OPENAI_BASE_URL: `${upstream.url}/v1`,
      OPENAI_API_KEY: 'sk-edge-secret-0123456789',
      CODELAB_MULTI_AGENT_MODE: 'false',
      LOG_FORMAT: 'json',
    },
  })
  port = Number(new URL(server.url).port)
})

afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await upstream?.close()
})

function head(method: string, path: string, lines: readonly string[]): string {
  return [`${method} ${path} HTTP/1.1`, 'host: localhost', `x-internal-auth: ${current}`, ...lines, '', ''].join('\r\n')
}

async function ask(path: string, body?: string, keys: Record<string, string> = { 'x-internal-auth': current }) {
  const method = body === undefined ? 'GET' : 'POST'
  const headers = { ...keys, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }
  const answer = await exchange(server.url, { method, path, headers, ...(body === undefined ? {} : { body }) })
  if (!answer) throw new Error('no answer')
  return answer
}

async function send(sessionId: string, messageJson: string): Promise<string> {
  const { status, body } = await ask('/agent/message/stream', `{"session_id":"${sessionId}","message":${messageJson}}`)
  expect(status).toBe(200)
  return body
}

async function history(sessionId: string) {
  const { body } = await ask(`/sessions/${sessionId}/history`)
  return JSON.parse(body).messages as { role: string; content: string }[]
}

describe('bodies', () => {
  test('ten of 64 MiB at once are refused before they are kept', async () => {
    const before = memoryOf(server).rss
    const attempts = Array.from({ length: 10 }, async (_, n) => {
      using client = await RawClient.connect(port)
      const framing = n % 2 === 0 ? `content-length: ${64 * MiB}` : 'transfer-encoding: chunked'
      const lines = ['content-type: application/json', framing]
      client.socket.write(head('POST', '/agent/message/stream', lines))
      const piece = Buffer.alloc(MiB, 'x')
      for (let sent = 0; sent < 64 && !client.received.includes('request_id'); sent++) {
        if (n % 2 === 1) client.socket.write(`${MiB.toString(16)}\r\n`)
        const isFull = !client.socket.write(piece)
        if (n % 2 === 1) client.socket.write('\r\n')
        if (isFull) await Promise.race([once(client.socket, 'drain'), client.untilClosed()])
      }
      await client.until('request_id')
      return client.answer.head.split('\r\n')[0]
    })
    expect(new Set(await Promise.all(attempts))).toEqual(new Set(['HTTP/1.1 413 Payload Too Large']))
    expect(memoryOf(server).rss - before).toBeLessThan(250 * MiB)
  })

  test('200,000 keys are 422, in one object and in many', async () => {
    const keys = Array.from({ length: 200_000 }, (_, n) => `"k${n}":0`)
    const objects = Array.from({ length: 40 }, (_, n) => `{${keys.slice(n * 5_000, (n + 1) * 5_000).join(',')}}`)
    for (const wide of [`{${keys.join(',')}}`, `[${objects.join(',')}]`]) {
      const body = `{"session_id":"wide","message":{"content":"x"},"more":${wide}}`
      const { status, body: answer } = await ask('/agent/message/stream', body)
      expect([status, JSON.parse(answer).code]).toEqual([422, 'invalid_input'])
    }
  })
})

describe('what is not quite HTTP', () => {
  const chunked = ['content-type: application/json', 'transfer-encoding: chunked']
  const cases: readonly (readonly [string, string])[] = [
    ['lines that end with LF only', `GET /agents HTTP/1.1\nhost: x\nx-internal-auth: ${current}\n\n`],
    ['a bare LF in a head', head('GET', '/agents', ['a: b\nc: d'])],
    ['a chunk size with LF only', `${head('POST', '/sessions', chunked)}2\n{}\r\n0\r\n\r\n`],
    ['a negative length', head('POST', '/sessions', ['content-length: -1'])],
    ['chunks that are not last', head('POST', '/sessions', ['transfer-encoding: chunked, gzip'])],
    ['a NUL in a header', head('GET', '/agents', ['a: b\0c'])],
    ['a blank before the colon', head('GET', '/agents', ['content-length : 5'])],
    ['a folded header', head('GET', '/agents', ['a: b', ' c'])],
  ]
  test.each(cases)('%s: one refusal, then the end, and no second request', async (_name, bytes) => {
    using client = await RawClient.connect(port)
    client.socket.write(`${bytes}${head('GET', '/sessions', [])}`)
    await client.untilClosed()
    expect(client.received).toMatch(/^HTTP\/1\.1 400 /)
    expect(client.received.match(/HTTP\/1\.1 /g)).toHaveLength(1)
  })

  test('a head that never ends is cut; others are answered meanwhile', async () => {
    using slowHead = await RawClient.connect(port)
    slowHead.socket.write('GET /agents HTTP/1.1\r\nhost: x\r\n')
    const drip = setInterval(() => slowHead.socket.write('x: y\r\n'), 500)
    try {
      const started = performance.now()
      const meanwhile = setInterval(() => void ask('/health').catch(() => undefined), 1_000)
      await slowHead.untilClosed()
      clearInterval(meanwhile)
      const seconds = (performance.now() - started) / 1000
      expect(seconds).toBeGreaterThan(8)
      expect(seconds).toBeLessThan(20)
      expect(slowHead.received).toMatch(/^HTTP\/1\.1 408 /)
    } finally {
      clearInterval(drip)
    }
    expect((await ask('/health')).status).toBe(200)
  })
})

describe('keys', () => {
  test('both keys of a change are accepted, the others are not', async () => {
    for (const [given, status] of [
      [current, 200],
      [next, 200],
      [`${current},${next}`, 401],
      ['change-me-internal-key', 401],
    ] as const) {
      expect([given, (await ask('/agents', undefined, { 'x-internal-auth': given })).status]).toEqual([given, status])
    }
  })

  test('two headers with the key are 401', async () => {
    using client = await RawClient.connect(port)
    client.socket.write(head('GET', '/agents', [`X-Internal-Auth: ${current}`]))
    await client.until('unauthorized')
    expect(client.received).toMatch(/^HTTP\/1\.1 401 /)
  })

  test('the default key does not leave this machine', async () => {
    const start = ServerProcess.start({ env: { HOST: '0.0.0.0' } })
    await expect(start).rejects.toThrow(/ended with 78[\s\S]*CODELAB_INTERNAL_API_KEY/)
  })
})

describe('text that no store takes', () => {
  test.each([
    ['U+0000', '\\u0000'],
    ['a lone high surrogate', '\\ud800'],
    ['a lone low surrogate', '\\udc00'],
  ])('%s is replaced in a message, its title and a tool result', async (name, escaped) => {
    const id = `odd-text-${name.replaceAll(/\W/g, '-')}`
    const call = await send(id, `{"content":"a${escaped}b #read_file"}`)
    const callId = /"call_id":"([^"]+)"/.exec(call)?.[1]
    expect(callId).toBeDefined()
    const session = JSON.parse((await ask(`/sessions/${id}`)).body)
    expect(session.session.title).toBe('a\ufffdb #read_file')
    const result = `{"type":"tool_result","call_id":"${callId}","result":{"content":"c${escaped}d"}}`
    expect(await send(id, result)).toContain('"is_final":true')
    const messages = await history(id)
    expect(messages.find(({ role }) => role === 'user')?.content).toBe('a\ufffdb #read_file')
    expect(messages.find(({ role }) => role === 'tool')?.content).toContain('c\ufffdd')
    expect(JSON.stringify(upstream.requests.at(-1)?.body)).toContain('c\ufffdd')
  })
})

test('the log holds no key and nothing that was said', async () => {
  await send('logged', '{"content":"the-text-of-a-person #echo_last"}')
  await ask('/agents', undefined, { 'x-internal-auth': 'a-guess-of-a-key' })
  await ask('/sessions', '{"session_id": "the-text-of-a-fault"')
  await server.stop()
  const log = server.output
  expect(log).toContain('"route":"/agent/message/stream"')
  for (const secret of [current, next, 'sk-edge-secret', 'the-text-of', 'a-guess-of-a-key', 'You said']) {
    expect(log).not.toContain(secret)
  }
  expect(readFileSync(join(server.folder, 'data/agent_runtime.db')).length).toBeGreaterThan(0)
})
