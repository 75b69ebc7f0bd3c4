import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { startStrictUpstream } from '../crash/strict-upstream.ts'
import { call, failureOf, finalTextOf, type Streamed, sendInput } from '../crash/wire.ts'
import { EventReader } from '../readers/event-reader.ts'
import { ofOneProcess } from '../replicas/of-one-process.ts'
import { internalKey, ServerProcess } from '../server-process.ts'

const streams = 50

/** Streams of which each has shown a piece of its answer. */
async function inFlight(server: ServerProcess, content: string, count = streams) {
  const shown: Promise<void>[] = []
  const all = Array.from({ length: count }, (_, n) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    shown.push(promise)
    const message = { type: 'user_message', content: `n${n} ${content}`, agent_type: 'coder' }
    return sendInput(server.url, `s-${n}`, message, {
      features: 'deltas',
      onFrame: ({ data }) => {
        if (data['token']) resolve()
      },
    })
  })
  await Promise.all(shown)
  return all
}

async function historyOf(url: string, id: string): Promise<string> {
  type History = { readonly messages: readonly { readonly role: string; readonly content: string }[] }
  const { body } = await call<History>(url, 'GET', `/sessions/${id}/history`)
  return body.messages.map(({ role, content }) => `${role[0]}:${content}`).join('|')
}

const shownOf = ({ frames }: Streamed) => frames.map(({ data }) => data['token'] ?? '').join('')

test('SIGTERM with 50 streams that finish in the grace time: every answer is whole, and stored', async () => {
  const upstream = await startStrictUpstream()
  await using server = await ServerProcess.start({ env: upstream.env })
  const all = await inFlight(server, '#slow:100')
  const stopped = server.stop('SIGTERM')
  const ends = await Promise.all(all)
  await stopped
  expect(server.exit).toEqual({ code: 0, signal: null })
  for (const [n, streamed] of ends.entries()) {
    expect([n, streamed.end, finalTextOf(streamed)]).toEqual([n, 'done', textOf(n)])
  }
  await server.start()
  for (const n of ends.keys()) expect(await historyOf(server.url, `s-${n}`)).toBe(`u:n${n} #slow:100|a:${textOf(n)}`)
  await upstream.close()
})

ofOneProcess.test(
  'SIGTERM with 50 streams that do not: 50 typed ends, what was shown is kept, and the next message works',
  async () => {
    const upstream = await startStrictUpstream()
    await using server = await ServerProcess.start({ env: { ...upstream.env, CODELAB_SHUTDOWN_MS: '700' } })
    const all = await inFlight(server, '#slow:400')
    const readers = await Promise.all(all.map((_, n) => EventReader.open(server.url, `s-${n}`, { after: 0 })))
    const stopped = server.stop('SIGTERM')
    const ends = await Promise.all(all)
    await Promise.all([stopped, ...readers.map((reader) => reader.over)])
    expect(server.exit).toEqual({ code: 0, signal: null })
    for (const [n, streamed] of ends.entries()) {
      expect([n, streamed.end, failureOf(streamed)]).toEqual([n, 'done', 'shutting_down'])
      expect(streamed.frames.filter(({ data }) => data['type'] === 'error')).toHaveLength(1)
    }
    for (const { frames } of readers) {
      expect(frames.at(-1)).toMatchObject({ event: 'stream.closing', data: { reason: 'shutting_down' } })
      expect(frames.some(({ event }) => event === 'run.ended')).toBe(true)
    }
    await server.start()
    for (const [n, streamed] of ends.entries()) {
      expect(await historyOf(server.url, `s-${n}`)).toBe(`u:n${n} #slow:400|a:${shownOf(streamed)}`)
    }
    const next = await sendInput(server.url, 's-0', { type: 'user_message', content: 'next #plain' })
    expect(finalTextOf(next)).toBe('Reply to next after 0 results : one two three four five.')
    await upstream.close()
  },
)

ofOneProcess.test(
  'while it drains: not ready at once, new work is refused by type, connections that were kept included',
  async () => {
    const upstream = await startStrictUpstream()
    await using server = await ServerProcess.start({ env: upstream.env })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    expect((await ask(server.url, agent, 'GET', '/health/ready')).status).toBe(200)
    const [answer] = await inFlight(server, '#slow:500', 1)
    const stopped = server.stop('SIGTERM')
    await drains(server.url)
    expect(await ask(server.url, agent, 'GET', '/health/ready')).toMatchObject({ status: 503, reused: true })
    expect((await ask(server.url, agent, 'GET', '/health/live')).status).toBe(200)
    const created = await ask(server.url, agent, 'POST', '/sessions', {})
    expect(created).toMatchObject({ status: 503, retryAfter: '5', reused: true })
    expect(JSON.parse(created.text)).toMatchObject({ code: 'shutting_down' })
    const refused = await sendInput(server.url, 'other', { type: 'user_message', content: 'late' })
    expect([refused.end, failureOf(refused)]).toEqual(['done', 'shutting_down'])
    using reader = await EventReader.open(server.url, 's-0')
    expect(reader.status).toBe(503)
    expect(answer && finalTextOf(await answer)).toBe(textOf(0))
    await stopped
    expect(server.exit).toEqual({ code: 0, signal: null })
    agent.destroy()
    await upstream.close()
  },
)

test('sockets that say nothing, half a request, or stay open after an answer do not hold up the end', async () => {
  await using server = await ServerProcess.start()
  const port = Number(new URL(server.url).port)
  const head = `POST /sessions HTTP/1.1\r\nhost: x\r\nx-internal-auth: ${internalKey}\r\n`
  const begun = ['', 'GET /hea', head, `${head}content-type: application/json\r\ncontent-length: 100\r\n\r\n{`]
  const sockets = begun.flatMap((text) =>
    Array.from({ length: 5 }, () => {
      const socket = connect(port, '127.0.0.1', () => socket.write(text))
      return socket.on('error', () => undefined)
    }),
  )
  const agent = new Agent({ keepAlive: true })
  await ask(server.url, agent, 'GET', '/health')
  using reader = await EventReader.open(server.url, await newSession(server.url))
  await sleep(200)
  const started = performance.now()
  await server.stop('SIGTERM')
  // Not the 30 s that a client has for a request.
  expect(performance.now() - started).toBeLessThan(20_000)
  expect(server.exit).toEqual({ code: 0, signal: null })
  expect(reader.frames.at(-1)).toMatchObject({ event: 'stream.closing', data: { reason: 'shutting_down' } })
  for (const socket of sockets) socket.destroy()
  agent.destroy()
})

test('a second SIGTERM, later, ends it at once; what was shown by then is there after the next start', async () => {
  const upstream = await startStrictUpstream()
  await using server = await ServerProcess.start({ env: upstream.env })
  const [answer] = await inFlight(server, '#slow:1000', 1)
  const stopped = server.stop('SIGTERM')
  await drains(server.url)
  await sleep(1_100)
  await server.stop('SIGTERM')
  await stopped
  expect(server.exit).toEqual({ code: 1, signal: null })
  expect((await answer)?.end).toBe('cut')
  await server.start()
  expect(await historyOf(server.url, 's-0')).toMatch(/^u:n0 #slow:1000\|a:Reply /)
  await upstream.close()
})

/** Waits until it has the signal. */
async function drains(url: string): Promise<void> {
  await expect.poll(async () => (await fetch(`${url}/health/ready`)).status, { timeout: 10_000 }).toBe(503)
}

function textOf(n: number): string {
  return `Reply to n${n} after 0 results : one two three four five.`
}

async function newSession(url: string): Promise<string> {
  const { body } = await call<{ session_id: string }>(url, 'POST', '/sessions', {})
  return body.session_id
}

function ask(url: string, agent: Agent, method: string, path: string, body?: object) {
  const headers = { 'x-internal-auth': internalKey, ...(body ? { 'content-type': 'application/json' } : {}) }
  return new Promise<{ status: number; retryAfter: string | undefined; text: string; reused: boolean }>(
    (resolve, reject) => {
      const sent = request(`${url}${path}`, { method, agent, headers }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece
        })
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            retryAfter: response.headers['retry-after'],
            text,
            reused: sent.reusedSocket,
          }),
        )
      })
      sent.on('error', reject)
      sent.end(body && JSON.stringify(body))
    },
  )
}
