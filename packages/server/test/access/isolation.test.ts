import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asks, key as internalKey, Stage } from '../api/stage.ts'
import { Ide } from '../socket/ide.ts'
import { ForeignCalls, type Operation, operationsOf } from './foreign-calls.ts'
import { routesOf } from './routes.ts'

const word = 'heliotrope'
const tools = ['read_file', 'write_file', 'execute_command']
const client = { id: 'terminal', name: 'terminal', tools, context: { project: { id: 'p-alice', name: 'orders-api' } } }

type Headers = Readonly<Record<string, string>>

let stage: Stage
let url: string
let operations: readonly Operation[]
const people: Record<'alice' | 'key' | 'header', Headers> = { alice: {}, key: {}, header: {} }
beforeAll(async () => {
  stage = await Stage.open()
  url = `http://127.0.0.1:${await stage.listen()}`
  operations = operationsOf(await (await fetch(`${url}/openapi.json`)).json())
  for (const [name, user] of [
    ['alice', 'alice'],
    ['key', 'bob'],
  ] as const) {
    const { body } = await stage.call('POST', '/maintenance/keys', { user })
    people[name] = { authorization: `Bearer ${body.key}` }
  }
  people.header = { 'x-internal-auth': internalKey, 'x-codelab-user': 'carol' }
})
afterAll(() => stage[Symbol.asyncDispose]())

async function ask(who: Headers, method: string, path: string, body?: unknown) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...who, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  // One that follows a session has no end.
  const endless = response.ok && path.includes('/events') && response.headers.get('content-type')?.includes('stream')
  if (endless) await response.body?.cancel()
  return { status: response.status, text: endless ? '' : await response.text() }
}

let worlds = 0

/** What alice has: a session where a call waits for her, rules of both kinds, figures and an audit. */
async function worldOfAlice(): Promise<ForeignCalls> {
  const sessionId = `of-alice-${worlds++}`
  const callId = `call-${sessionId}`
  const { alice } = people
  await ask(alice, 'POST', '/sessions', { session_id: sessionId })
  await ask(alice, 'POST', `/agents/${sessionId}/switch`, { target_agent: 'coder', reason: word })
  stage.model.script(asks(callId, 'execute_command', { command: `npm run ${word}` }, word))
  const message = { type: 'user_message', content: word }
  await ask(alice, 'POST', '/agent/message/stream', { session_id: sessionId, message, client })
  const rules: string[] = []
  for (const scope of ['session', 'project']) {
    const rule = {
      scope,
      session_id: sessionId,
      tool: 'execute_command',
      pattern: `${word} ${worlds} *`,
      effect: 'deny',
    }
    rules.push(JSON.parse((await ask(alice, 'POST', '/rules', rule)).text).rule.id)
  }
  return new ForeignCalls({ sessionId, callId, ruleId: rules[0] ?? '', projectRuleId: rules[1] ?? '' })
}

/** All that alice sees of it. */
async function snapshot({ ids: { sessionId } }: ForeignCalls): Promise<string> {
  const paths = ['', '/history', '/tool-calls', '/pending-approvals', '/timeline', '/usage']
  const parts = [`/rules?session_id=${sessionId}`, ...paths.map((path) => `/sessions/${sessionId}${path}`)]
  const read = []
  for (const path of parts) read.push((await ask(people.alice, 'GET', path)).text)
  return read.join('\n')
}

/** Nothing but what the request said itself. */
function expectNothingOf(text: string, { ids }: ForeignCalls, sent: unknown): void {
  const said = JSON.stringify(sent)
  for (const secret of [word, ids.callId, ids.ruleId, ids.projectRuleId, 'p-alice', '"alice"'].filter(
    (one) => !said.includes(one),
  ))
    expect(text).not.toContain(secret)
}

test('every operation of the document is known here', () => {
  const unknown = operations.filter((operation) => !new ForeignCalls().knows(operation)).map(({ id }) => id)
  expect(unknown, 'say in foreign-calls.ts how it is called with ids of another').toEqual([])
  expect(operations.length).toBeGreaterThan(30)
})

test('every route that the document leaves out is for operators, or has its case here', () => {
  const shown = new Set(operations.map(({ method, path }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`))
  const routes = routesOf(stage.app).map(({ method, path }) => `${method} ${path}`)
  for (const name of shown) expect(routes).toContain(name)
  const left = routes.filter((route) => !shown.has(route) && !/ \/(docs|redoc|openapi\.json)/.test(route))
  expect(left.sort()).toEqual([
    'GET /',
    'GET /maintenance/keys',
    'GET /ws/:session_id',
    'POST /maintenance/backup',
    'POST /maintenance/cleanup',
    'POST /maintenance/keys',
    'POST /maintenance/keys/revoke',
    'POST /maintenance/pause',
  ])
})

test('the routes for operators are closed to persons', async () => {
  for (const { method, path } of routesOf(stage.app).filter((route) => route.path.startsWith('/maintenance/'))) {
    for (const who of [people.key, people.header]) {
      const { status } = await ask(who, method, path, method === 'GET' ? undefined : {})
      expect([method, path, status]).toEqual([method, path, 403])
    }
  }
})

describe.each(['key', 'header'] as const)('somebody else, by their %s', (by) => {
  test('gets nothing from any operation with the ids of alice, and changes nothing', async () => {
    for (const operation of operations) {
      const world = await worldOfAlice()
      const before = await snapshot(world)
      for (const call of world.of(operation)) {
        const { status, text } = await ask(people[by], call.method, call.path, call.body)
        expect([operation.id, call.path, status, text]).toEqual([
          operation.id,
          call.path,
          call.status,
          expect.anything(),
        ])
        expectNothingOf(text, world, call)
      }
      expect(await snapshot(world), operation.id).toBe(before)
    }
  }, 120_000)

  test('gets only their own where they have a session of the same id', async () => {
    for (const operation of operations) {
      const world = await worldOfAlice()
      const before = await snapshot(world)
      await ask(people[by], 'POST', '/sessions', { session_id: world.ids.sessionId })
      for (const call of world.of(operation)) {
        const { text } = await ask(people[by], call.method, call.path, call.body)
        expectNothingOf(text, world, call)
      }
      expect(await snapshot(world), operation.id).toBe(before)
    }
  }, 120_000)

  test('reaches nothing by a socket', async () => {
    const world = await worldOfAlice()
    const { sessionId, callId } = world.ids
    const before = await snapshot(world)
    using ide = await Ide.open(`${url}/api/v1/ws/${sessionId}`, people[by])
    for (const frame of [
      { type: 'hello', client },
      { type: 'tool_result', call_id: callId, result: { done: true } },
      { type: 'hitl_decision', call_id: callId, decision: 'approve' },
    ]) {
      ide.send(frame)
      await ide.next()
    }
    expect(JSON.stringify(ide.frames[0])).not.toContain(callId)
    ide.send({ type: 'cancel' })
    ide.say('what is here?')
    await ide.until('assistant_message')
    expectNothingOf(JSON.stringify(ide.frames), world, callId)
    expect(await snapshot(world)).toBe(before)
  })

  test('makes another session under the idempotency key of alice', async () => {
    const made = async (who: Headers) => {
      const headers = { ...who, 'idempotency-key': 'the-same' }
      return JSON.parse((await ask(headers, 'POST', '/sessions')).text).id as string
    }
    const hers = await made(people.alice)
    expect(await made(people.alice)).toBe(hers)
    expect(await made(people[by])).not.toBe(hers)
  })
})

test('alice herself is answered: what is refused above is refused for who asks', async () => {
  for (const operation of operations) {
    const world = await worldOfAlice()
    for (const call of world.of(operation).filter((one) => one.status === 404)) {
      const { status, text } = await ask(people.alice, call.method, call.path, call.body)
      expect(status, `${operation.id} ${call.path} ${text}`).toBeLessThan(300)
    }
  }
}, 120_000)
