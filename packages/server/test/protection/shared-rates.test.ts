import { afterAll, beforeAll, expect, test } from 'vitest'
import { framesOf } from '../api/stage.ts'
import { internalKey, ServerProcess } from '../server-process.ts'

let server: ServerProcess
beforeAll(async () => {
  server = await ServerProcess.start({ replicas: 2, env: { CODELAB_MODEL: 'demo', CODELAB_RATE_LIMIT: '10/min' } })
})
afterAll(() => server?.[Symbol.asyncDispose]())

const as = (user: string) => ({ 'x-internal-auth': internalKey, 'x-codelab-user': user })

test('two replicas together allow what one would; each caller for itself', async () => {
  const statuses = await Promise.all(
    Array.from({ length: 24 }, async () => (await fetch(`${server.url}/agents`, { headers: as('alice') })).status),
  )
  expect(statuses.filter((status) => status === 200)).toHaveLength(10)
  expect(statuses.filter((status) => status === 429)).toHaveLength(14)
  for (const { url } of server.replicas) {
    const refused = await fetch(`${url}/agents`, { headers: as('alice') })
    expect([refused.status, refused.headers.get('x-ratelimit-remaining')]).toEqual([429, '0'])
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  }
  const left = async (url = '') =>
    (await fetch(`${url}/agents`, { headers: as('bob') })).headers.get('x-ratelimit-remaining')
  expect(await Promise.all(server.replicas.map(({ url }) => left(url))).then((all) => all.sort())).toEqual(['8', '9'])
})

test('a personal key has its own limit, on all replicas together', async () => {
  const made = await fetch(`${server.url}/maintenance/keys`, {
    method: 'POST',
    headers: { 'x-internal-auth': internalKey, 'content-type': 'application/json' },
    body: JSON.stringify({ user: 'carol', rate: { max: 3, window_seconds: 60 } }),
  })
  const { key } = (await made.json()) as { key: string }
  const ask = async () => (await fetch(`${server.url}/agents`, { headers: { authorization: `Bearer ${key}` } })).status
  const statuses = []
  for (let i = 0; i < 8; i++) statuses.push(await ask())
  expect(statuses).toEqual([200, 200, 200, 429, 429, 429, 429, 429])
})

test('inputs of a session are counted together, and refused in the stream', async () => {
  const say = async () => {
    const message = { type: 'hitl_decision', call_id: 'none', decision: 'approve' }
    const answer = await fetch(`${server.url}/agent/message/stream`, {
      method: 'POST',
      headers: { ...as('dan'), 'content-type': 'application/json' },
      body: JSON.stringify({ session_id: 'counted', message }),
    })
    return [answer.status, framesOf(await answer.text())[0]?.data.code]
  }
  const answers = []
  for (let i = 0; i < 14; i++) answers.push(await say())
  expect(answers.map(([status]) => status)).toEqual(Array(14).fill(200))
  expect(answers.map(([, code]) => code === 'rate_limited')).toEqual([...Array(10).fill(false), ...Array(4).fill(true)])
})

test('without the database requests are not refused for that', async () => {
  await server.database?.execute('alter table rate_windows rename to hidden')
  const statuses = []
  for (let i = 0; i < 6; i++) statuses.push((await fetch(`${server.url}/agents`, { headers: as('erin') })).status)
  await server.database?.execute('alter table hidden rename to rate_windows')
  expect(statuses).toEqual(Array(6).fill(200))
})
