import { afterAll, beforeAll, expect, test } from 'vitest'
import { type StrictUpstream, startStrictUpstream } from '../crash/strict-upstream.ts'
import { call, failureOf, finalTextOf, type SendOptions, sendInput } from '../crash/wire.ts'
import { ServerProcess } from '../server-process.ts'

let upstream: StrictUpstream
let server: ServerProcess

beforeAll(async () => {
  upstream = await startStrictUpstream()
  server = await ServerProcess.start({ env: upstream.env })
})

afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await upstream?.close()
})

/** The same input, named by its message's own id or by a header. */
const ways = [
  { by: 'message_id', named: (key: string) => ({ message: { message_id: key }, headers: {} }) },
  { by: 'Idempotency-Key', named: (key: string) => ({ message: {}, headers: { 'idempotency-key': key } }) },
]

function say(id: string, content: string, way: (typeof ways)[number], key: string, options: SendOptions = {}) {
  const { message, headers } = way.named(key)
  const input = { type: 'user_message', content, agent_type: 'coder', ...message }
  return sendInput(server.url, id, input, { features: 'deltas', ...options, headers })
}

async function rolesOf(id: string): Promise<string> {
  type History = { readonly messages: readonly { readonly role: string }[] }
  const { body } = await call<History>(server.url, 'GET', `/sessions/${id}/history`)
  return body.messages.map(({ role }) => role[0]).join('')
}

test.each(ways)(
  '$by: a second request attaches to the run, a later one replays it; the model is asked once',
  async (way) => {
    const id = `attach-${way.by}`
    const asked = upstream.calls
    const shown = Promise.withResolvers<void>()
    const first = say(id, 'once #slow:30', way, 'k', { onFrame: () => shown.resolve() })
    await shown.promise
    const [one, two] = await Promise.all([first, say(id, 'once #slow:30', way, 'k')])
    const three = await say(id, 'once #slow:30', way, 'k')
    for (const streamed of [one, two, three]) {
      expect(streamed.end).toBe('done')
      expect(finalTextOf(streamed)).toBe('Reply to once after 0 results : one two three four five.')
    }
    expect(upstream.calls - asked).toBe(1)
    expect(await rolesOf(id)).toBe('ua')
  },
)

test.each(ways)('$by: many at once are one', async (way) => {
  const id = `doubles-${way.by}`
  const asked = upstream.calls
  const all = await Promise.all(Array.from({ length: 12 }, () => say(id, 'twelve #plain', way, 'k')))
  expect(new Set(all.map(finalTextOf))).toEqual(new Set(['Reply to twelve after 0 results : one two three four five.']))
  expect(upstream.calls - asked).toBe(1)
  expect(await rolesOf(id)).toBe('ua')
})

test.each(ways)('$by: another body under it is refused and stores nothing', async (way) => {
  const id = `reused-${way.by}`
  await say(id, 'first #plain', way, 'k')
  const asked = upstream.calls
  expect(failureOf(await say(id, 'second #plain', way, 'k'))).toBe('idempotency_key_reused')
  expect(upstream.calls).toBe(asked)
  expect(await rolesOf(id)).toBe('ua')
})

test.each(ways)(
  '$by: after a kill the same request goes on with the turn, and the message is stored once',
  async (way) => {
    const id = `killed-${way.by}`
    const shown = Promise.withResolvers<void>()
    const lost = say(id, 'cut #slow:100', way, 'k', { onFrame: () => shown.resolve() })
    await shown.promise
    await server.restart('SIGKILL')
    expect((await lost).end).toBe('cut')
    expect(failureOf(await say(id, 'other #plain', way, 'k'))).toBe('idempotency_key_reused')
    const [again, double] = await Promise.all([1, 2].map(() => say(id, 'cut #slow:100', way, 'k')))
    const replayed = await say(id, 'cut #slow:100', way, 'k')
    for (const streamed of [again, double, replayed]) {
      expect(streamed && finalTextOf(streamed)).toBe('Reply to cut after 0 results : one two three four five.')
    }
    expect(await rolesOf(id)).toMatch(/^ua?a$/)
  },
)
