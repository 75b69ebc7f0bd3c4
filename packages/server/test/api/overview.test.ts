import { Overview, RecentUsage, SessionList, TriedRule } from '@codelab/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RuntimeError } from '../../src/application/index.ts'
import { asks, Stage } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await Stage.open()
})
afterEach(() => stage[Symbol.asyncDispose]())

const say = (sessionId: string, content = 'Hello') => stage.send(sessionId, { type: 'user_message', content })

async function fails(sessionId: string): Promise<void> {
  await stage.coderSession(sessionId)
  stage.model.script(async function* () {
    yield* []
    throw new RuntimeError('upstream_timeout', 'The model did not answer in time')
  })
  await say(sessionId)
}

describe('the last hours', () => {
  const recent = async (query = '', user?: string) => {
    const headers = user === undefined ? {} : { 'x-codelab-user': user }
    const response = await stage.app.inject({
      url: `/usage/recent${query}`,
      headers: { 'x-internal-auth': 'test-key-0123456789', ...headers },
    })
    expect(response.statusCode, response.body).toBe(200)
    return RecentUsage.parse(response.json())
  }

  test('are added up by time, agent, model and person', async () => {
    await say('s1')
    await say('s2')
    await fails('s3')
    const usage = await recent()
    expect(usage).toMatchObject({ bucket_seconds: 3600, complete: true, user: null })
    expect(usage.buckets).toHaveLength(24)
    expect(usage.total).toMatchObject({
      turns: 3,
      failed_turns: 1,
      input_tokens: 40,
      output_tokens: 20,
    })
    expect(usage.total.failed_calls).toBe(1)
    const last = usage.buckets.at(-1)
    expect(last?.failures).toEqual([{ code: 'upstream_timeout', count: 1 }])
    expect(last?.models).toEqual([{ model: 'scripted-1', cost: 0, tokens: 60 }])
    expect(usage.agents.map(({ agent, turns }) => [agent, turns]).sort()).toEqual([
      ['coder', 3],
      ['orchestrator', 2],
    ])
    expect(usage.people.map(({ user }) => user)).toEqual(['service'])
    expect(usage.buckets.reduce((sum, bucket) => sum + bucket.calls, 0)).toBe(usage.total.calls)
  })

  test('are narrowed down to an agent or a model', async () => {
    await say('s1')
    expect((await recent('?agent=orchestrator')).total).toMatchObject({ turns: 1, calls: 1 })
    expect((await recent('?model=none')).total).toMatchObject({ turns: 0, calls: 0 })
  })

  test('tell a person of nobody else', async () => {
    await say('s1')
    const own = await recent('', 'alice')
    expect(own).toMatchObject({ user: 'alice', total: { turns: 0, calls: 0, failed_turns: 0 }, people: [] })
  })

  test.each([
    ['1', 30, 120],
    ['168', 28, 21_600],
    ['720', 30, 86_400],
  ])('of %s are in %i parts', async (hours, parts, seconds) => {
    await say('s1')
    const usage = await recent(`?hours=${hours}`)
    expect([usage.buckets.length, usage.bucket_seconds]).toEqual([parts, seconds])
    expect(usage.buckets.at(-1)?.calls).toBe(2)
  })

  test('count decisions and how long they were waited for', async () => {
    await stage.coderSession('s1')
    stage.model.script(asks('c1', 'execute_command', { command: 'ls -la > x' }))
    await say('s1')
    await stage.send('s1', { type: 'hitl_decision', call_id: 'c1', decision: 'reject', feedback: 'no' })
    const { total, agents } = await recent()
    expect(total.decisions).toMatchObject({ decided: 1, rejected: 1 })
    expect(total.decisions.wait_ms.p50).toBeGreaterThanOrEqual(0)
    expect(agents.find(({ agent }) => agent === 'coder')).toMatchObject({ asked: 1, rejected: 1 })
  })
})

describe('the list of sessions', () => {
  const list = async (query: string) =>
    SessionList.parse((await stage.call('GET', `/sessions?${query}`)).body).sessions.map(({ id }) => id)

  test('is narrowed down by what they say, do and who has them', async () => {
    await say('s1', 'Rate limit on POST /orders')
    await say('s2', 'Обновить драйвер')
    await fails('s3')
    await stage.coderSession('s4')
    stage.model.script(asks('c1', 'write_file', { path: 'a', content: 'b' }))
    await say('s4', '100% of_it')
    expect(await list('q=rate%20LIMIT')).toEqual(['s1'])
    expect(await list(`q=${encodeURIComponent('обновить')}`)).toEqual(['s2'])
    expect(await list('q=s3')).toEqual(['s3'])
    expect(await list('q=%25')).toEqual(['s4'])
    expect(await list('q=of_it')).toEqual(['s4'])
    expect(await list('q=o_it')).toEqual([])
    expect(await list('status=failed')).toEqual(['s3'])
    expect(await list('status=waiting')).toEqual(['s4'])
    expect(await list('status=running')).toEqual([])
    expect((await list('agent=coder')).sort()).toEqual(['s1', 's2', 's3', 's4'])
    expect(await list('agent=debug')).toEqual([])
    const { body } = await stage.call('GET', '/sessions?q=hello&status=failed')
    expect(body.total).toBe(1)
    expect(body.sessions[0]).toMatchObject({ id: 's3', last_turn: 'failed', state: 'idle' })
  })
})

test('what a rule would have done with past decisions', async () => {
  await stage.coderSession('s1')
  for (const [id, command, decision] of [
    ['c1', 'npm test', 'approve'],
    ['c2', 'npm test -- orders', 'reject'],
    ['c3', 'rm -rf build', 'reject'],
  ] as const) {
    stage.model.script(asks(id, 'execute_command', { command }))
    await say('s1')
    await stage.send('s1', {
      type: 'hitl_decision',
      call_id: id,
      decision,
      ...(decision === 'reject' && { feedback: 'no' }),
    })
  }
  const rule = { tool: 'execute_command', pattern: 'npm test *', effect: 'allow' }
  const tried = TriedRule.parse((await stage.call('POST', '/rules/try', { rule })).body)
  expect(tried).toMatchObject({ looked_at: 3, matched: 2, decided: 3, decided_allowed: 2, decided_otherwise: 1 })
})

test('the overview tells what runs here, without a secret', async () => {
  await say('s1')
  const { status, body } = await stage.call('GET', '/overview')
  expect(status).toBe(200)
  const overview = Overview.parse(body)
  expect(overview).toMatchObject({ version: '1.2.3', status: 'healthy', dead_letters: 0 })
  expect(overview.events).toBeGreaterThan(0)
  expect(overview.tools.find(({ name }) => name === 'write_file')).toMatchObject({ class: 'write', asks: true })
  expect(overview.tools.find(({ name }) => name === 'read_file')).toMatchObject({ asks: false })
  expect(overview.settings).toEqual([{ name: 'PORT', value: '8001', source: 'default', about: 'port to listen on' }])
})
