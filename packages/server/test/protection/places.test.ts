import { afterAll, beforeAll, expect, test } from 'vitest'
import { framesOf } from '../api/stage.ts'
import { internalKey, ServerProcess } from '../server-process.ts'
import { Ide } from '../socket/ide.ts'

let server: ServerProcess
beforeAll(async () => {
  const env = { CODELAB_MODEL: 'demo', CODELAB_MAX_STREAMS_PER_USER: '3', CODELAB_SOCKET_ACCESS: 'local' }
  server = await ServerProcess.start({ env, replicas: 1 })
})
afterAll(() => server?.[Symbol.asyncDispose]())

const as = (user?: string) => ({ 'x-internal-auth': internalKey, ...(user && { 'x-codelab-user': user }) })

async function newSession(user: string | undefined): Promise<string> {
  const headers = { ...as(user), 'content-type': 'application/json' }
  const made = await fetch(`${server.url}/sessions`, { method: 'POST', headers, body: '{}' })
  return ((await made.json()) as { id: string }).id
}

/** The head of an answer that stays open until it is left. */
async function follow(user: string | undefined, id: string) {
  const leave = new AbortController()
  const answer = await fetch(`${server.url}/sessions/${id}/events`, { headers: as(user), signal: leave.signal })
  return { answer, leave: () => leave.abort() }
}

async function say(user: string | undefined, id: string) {
  const message = { type: 'user_message', content: 'hello', agent_type: 'coder' }
  const answer = await fetch(`${server.url}/agent/message/stream`, {
    method: 'POST',
    headers: { ...as(user), 'content-type': 'application/json' },
    body: JSON.stringify({ session_id: id, message }),
  })
  return { status: answer.status, first: framesOf(await answer.text())[0] }
}

test('one person has so many streams open and no more; others and the internal key are not held up', async () => {
  const [hers, his, everybodys] = [await newSession('alice'), await newSession('bob'), await newSession(undefined)]
  const open = await Promise.all(Array.from({ length: 3 }, () => follow('alice', hers)))
  expect(open.map(({ answer }) => answer.status)).toEqual([200, 200, 200])

  const fourth = await follow('alice', hers)
  expect([fourth.answer.status, fourth.answer.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await fourth.answer.json()).toMatchObject({ code: 'overloaded', detail: 'You have too many streams open' })
  expect(await say('alice', hers)).toMatchObject({
    status: 200,
    first: { event: 'error', data: { code: 'overloaded', retryable: true, retry_after: 5 } },
  })

  expect((await say('bob', his)).first?.event).toBe('message')
  const many = await Promise.all(Array.from({ length: 8 }, () => follow(undefined, everybodys)))
  expect(many.map(({ answer }) => answer.status)).toEqual(Array(8).fill(200))

  open[0]?.leave()
  await expect.poll(async () => (await say('alice', hers)).first?.event, { timeout: 20_000 }).toBe('message')
  for (const { leave } of [...open, ...many]) leave()
})

test('one person has as many sockets, and the one too many is closed with 1013 and told why', async () => {
  const [hers, his] = [await newSession('carol'), await newSession('dan')]
  const socket = (user: string | undefined, id: string) => Ide.open(`${server.url}/api/v1/ws/${id}`, as(user))
  const open = [await socket('carol', hers), await socket('carol', hers), await socket('carol', hers)]
  using fourth = await socket('carol', hers)
  await expect.poll(() => fourth.closed).toBe(1013)
  expect((await say('carol', hers)).first?.event).toBe('message')

  using other = await socket('dan', his)
  using service = await socket(undefined, his)
  expect([other.closed, service.closed, ...open.map(({ closed }) => closed)]).toEqual(Array(5).fill(undefined))

  open[0]?.[Symbol.dispose]()
  await expect
    .poll(async () => {
      using next = await socket('carol', hers)
      await new Promise((resolve) => setTimeout(resolve, 200))
      return next.closed
    })
    .toBe(undefined)
  for (const ide of open) ide[Symbol.dispose]()
})
