import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { exchange } from '../exchange.ts'
import { type FaultyUpstream, startFaultyUpstream } from '../faults/faulty-upstream.ts'
import { internalKey, ServerProcess } from '../server-process.ts'

// Each starts the server several times.
vi.setConfig({ testTimeout: 180_000 })

const streams = 50

let upstream: FaultyUpstream
beforeAll(async () => {
  upstream = await startFaultyUpstream()
})
afterAll(() => upstream.close())

test('SIGTERM with 50 streams in flight: 50 terminal events, not ready meanwhile, exit 0 in time, nothing lost', async () => {
  await using server = await ServerProcess.start({
    env: {
      OPENAI_BASE_URL: upstream.url,
      OPENAI_API_KEY: 'sk-test',
      CODELAB_MODEL: 'openai:m',
      CODELAB_MULTI_AGENT_MODE: 'false',
      CODELAB_SHUTDOWN_MS: '5000',
    },
  })
  const headers = { 'x-internal-auth': internalKey, 'content-type': 'application/json' }
  const get = async (path: string) => await exchange(server.url, { method: 'GET', path, headers })
  const answers = Array.from({ length: streams }, async (_, n) => {
    const body = JSON.stringify({ session_id: `s${n}`, message: { content: '#hang_first' } })
    return (await exchange(server.url, { method: 'POST', path: '/agent/message/stream', headers, body }))?.body ?? ''
  })
  while (upstream.calls('hang_first') < streams) await sleep(20)

  const begun = performance.now()
  const stopped = server.stop('SIGTERM')
  const refusals: (number | undefined)[] = []
  for (let looking = true; looking; ) {
    const ready = await get('/health/ready').catch(() => undefined)
    if (ready?.status !== 200) {
      refusals.push(ready?.status)
      looking = false
    }
  }
  for (const answer of await Promise.all(answers)) {
    expect(answer).toContain('"code":"shutting_down"')
    expect(answer).toMatch(/event: done\r\ndata: [^\n]*\s*$/)
  }
  await stopped
  expect(refusals).toEqual([503])
  expect(await server.ended()).toBe(0)
  expect(performance.now() - begun).toBeLessThan(20_000)

  await server.start()
  for (let n = 0; n < streams; n++) {
    const { messages } = JSON.parse((await get(`/sessions/s${n}/history`))?.body ?? '{}')
    expect(messages.map(({ content }: { content: string }) => content)).toEqual(['#hang_first'])
  }
})
