import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StreamFrame } from './chunks.ts'
import { ApiError, createClient } from './client.ts'
import { encodeFrame, encodePing } from './sse.ts'

let url = ''
const seen: { method: string | undefined; url: string | undefined; key: unknown; body: string }[] = []

const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
  let body = ''
  for await (const chunk of request) body += chunk
  seen.push({ method: request.method, url: request.url, key: request.headers['x-internal-auth'], body })
  if (request.url === '/agent/message/stream') {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    const text = `${encodePing(new Date())}${encodeFrame('message', { type: 'queued', position: 1 })}${encodeFrame('done', { status: 'completed' })}`
    for (const character of text) response.write(character)
    response.end()
    return
  }
  const [status, text] = answerTo(request.url ?? '')
  response.writeHead(status).end(text)
})

function answerTo(path: string): [number, string] {
  if (path === '/agents') return [401, '{"detail":"unauthorized"}']
  if (path === '/health') return [502, '<html>']
  if (!path.startsWith('/sessions/')) return [200, '{"id":"x"}']
  const text = 'Session a/b not found'
  return [404, JSON.stringify({ detail: text, error: text, code: 'not_found', request_id: 'r1' })]
}

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => server.close())

test('a stream is read frame by frame, whatever its pieces, without comments', async () => {
  const client = createClient({ baseUrl: url, key: 'k', client: { id: 'me', features: ['queue'] } })
  const frames: StreamFrame[] = []
  for await (const frame of client.stream('s', { content: 'hi' })) frames.push(frame)
  expect(frames.map(({ event }) => event)).toEqual(['message', 'done'])
  expect(seen.at(-1)).toMatchObject({ method: 'POST', key: 'k' })
  expect(JSON.parse(seen.at(-1)?.body ?? '')).toEqual({
    session_id: 's',
    message: { content: 'hi' },
    client: { id: 'me', features: ['queue'] },
  })
})

test('a failure is an ApiError with its code, text and request', async () => {
  const client = createClient({ baseUrl: url, key: 'k' })
  await expect(client.getSession('a/b')).rejects.toMatchObject({
    status: 404,
    code: 'not_found',
    requestId: 'r1',
    message: 'Session a/b not found',
  })
  expect(seen.at(-1)?.url).toBe('/sessions/a%2Fb')
  await expect(client.agents()).rejects.toMatchObject({ status: 401, code: 'unauthorized', message: 'unauthorized' })
  await expect(client.health()).rejects.toBeInstanceOf(ApiError)
  await expect(client.health()).rejects.toMatchObject({ status: 502, code: 'internal', message: 'HTTP 502' })
})

test('a session without an id is asked for with an empty object', async () => {
  await createClient({ baseUrl: url, key: 'k' }).createSession()
  expect(seen.at(-1)).toMatchObject({ method: 'POST', url: '/sessions', body: '{}' })
})
