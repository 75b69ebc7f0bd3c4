import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { exchange } from '../exchange.ts'
import { ofOneProcess } from '../replicas/of-one-process.ts'
import { internalKey, refusedUrl, ServerProcess } from '../server-process.ts'

// Each starts the server several times.
vi.setConfig({ testTimeout: 180_000 })

const hour = 3_600_000

async function stage(env: Readonly<Record<string, string>>) {
  const file = 'clock'
  const server = new ServerProcess({ preload: 'shift-clock.mjs', env: { SHIFT_CLOCK_FILE: file, ...env } })
  await server.start()
  const call = async (method: string, path: string, body?: unknown) => {
    const headers = { 'x-internal-auth': internalKey, 'content-type': 'application/json' }
    const sent = body === undefined ? {} : { body: JSON.stringify(body) }
    const answer = await exchange(server.url, { method, path, headers, ...sent })
    if (!answer) throw new Error('no answer')
    return answer
  }
  return {
    server,
    call,
    say: async (content: string) =>
      (await call('POST', '/agent/message/stream', { session_id: 's1', message: { content } })).body,
    /** The clock of the server is so far ahead from now on. */
    shift: async (aheadMs: number) => {
      writeFileSync(join(server.folder, `${file}.new`), String(aheadMs))
      renameSync(join(server.folder, `${file}.new`), join(server.folder, file))
      const isShifted = async () => {
        const { created_at } = JSON.parse((await call('POST', '/sessions', {})).body) as { created_at: string }
        return Math.abs(Date.parse(created_at) - Date.now() - aheadMs) < 60_000
      }
      await expect.poll(isShifted, { timeout: 10_000 }).toBe(true)
    },
  }
}

test.each([hour, -hour])(
  'a server whose clock jumps by %i ms: turns go on in their order, rates are no longer',
  async (jump) => {
    const { server, call, say, shift } = await stage({ CODELAB_RATE_LIMIT: '40/s' })
    await using _server = server
    expect(await say('hello')).toContain('"is_final":true')
    await shift(jump)
    expect(await say('thank you')).toContain('"is_final":true')
    let last = 0
    for (let n = 0; last !== 429 && n < 400; n++) last = (await call('GET', '/agents')).status
    expect(last).toBe(429)
    await sleep(1_100)
    const { status, headers } = await call('GET', '/agents')
    expect(status).toBe(200)
    const resets = Number(headers['x-ratelimit-reset']) * 1000 - (Date.now() + jump)
    expect(Math.abs(resets)).toBeLessThan(5_000)
    await shift(0)
    await sleep(1_100)
    expect(await say('good night')).toContain('"is_final":true')
    const { messages } = JSON.parse((await call('GET', '/sessions/s1/history')).body) as {
      messages: { role: string; content: string }[]
    }
    const said = messages.filter(({ role }) => role === 'user').map(({ content }) => content)
    expect(said).toEqual(['hello', 'thank you', 'good night'])
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant', 'user', 'assistant'])
  },
)

ofOneProcess.test.each([hour, -hour])(
  'a circuit that is open when the clock jumps by %i ms closes in its time',
  async (jump) => {
    const { server, say, shift } = await stage({
      CODELAB_MODEL: 'openai:m',
      OPENAI_API_KEY: 'sk-test',
      OPENAI_BASE_URL: `${await refusedUrl()}/v1`,
      CODELAB_MULTI_AGENT_MODE: 'false',
      CODELAB_UPSTREAM_RETRIES: '0',
      CODELAB_BREAKER_FAILURES: '2',
      CODELAB_BREAKER_OPEN_MS: '3000',
    })
    await using _server = server
    for (const content of ['a', 'b']) expect(await say(content)).toContain('"code":"upstream_unavailable"')
    expect(await say('c')).toContain('"code":"circuit_open"')
    await shift(jump)
    expect(await say('d')).toContain('"code":"circuit_open"')
    await sleep(3_000)
    // The one call that tries again finds it away still.
    expect(await say('e')).toContain('"code":"upstream_unavailable"')
  },
)
