import {
  AgentList,
  CancelledTurn,
  CreatedSession,
  CurrentAgent,
  DeletedSession,
  PendingApprovals,
  SessionContext,
  SessionDetail,
  SessionHistory,
  SessionList,
  SessionToolCalls,
  SwitchedAgent,
} from '@codelab/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { asks, Stage, says } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage[Symbol.asyncDispose]())

/** Has every key of the schema, of its type, and no other. */
function expectShape(schema: z.ZodType, body: unknown): void {
  expect(schema.parse(body)).toEqual(body)
}

describe('creating', () => {
  test.each([undefined, {}, { session_id: null }, { session_id: '' }])(
    'with %j the server makes a UUID',
    async (body) => {
      const { status, body: session } = await stage.call('POST', '/sessions', body)
      expect(status).toBe(201)
      expectShape(CreatedSession, session)
      expect(session).toMatchObject({
        session_id: session.id,
        message_count: 0,
        is_active: true,
        current_agent: 'orchestrator',
      })
      expect(session.id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4/)
      expect(session.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    },
  )

  test('the same id twice is 409', async () => {
    expect((await stage.call('POST', '/sessions', { session_id: 'twice' })).status).toBe(201)
    const { status, body } = await stage.call('POST', '/sessions', { session_id: 'twice' })
    expect(status).toBe(409)
    expect(body).toMatchObject({ detail: "Сессия 'twice' уже существует", code: 'session_exists' })
  })

  test('twelve at once: one is created', async () => {
    const all = await Promise.all(
      Array.from({ length: 12 }, () => stage.call('POST', '/sessions', { session_id: 'race' })),
    )
    expect(all.map(({ status }) => status).sort()).toEqual([201, ...Array(11).fill(409)])
  })

  test.each([
    [{ session_id: 5 }, 'string_type'],
    [{ session_id: 'a'.repeat(256) }, 'string_too_long'],
    [{ session_id: 'a\u0000b' }, 'value_error'],
  ])('%j is 422', async (body, type) => {
    const before = (await stage.call('GET', '/sessions')).body.total
    const { status, body: answer } = await stage.call('POST', '/sessions', body)
    expect([status, answer.detail[0].type, answer.detail[0].loc]).toEqual([422, type, ['body', 'session_id']])
    expect((await stage.call('GET', '/sessions')).body.total).toBe(before)
  })
})

describe('listing', () => {
  test('newest first, with the real total', async () => {
    for (const id of ['l1', 'l2', 'l3']) await stage.call('POST', '/sessions', { session_id: id })
    const all = (await stage.call('GET', '/sessions')).body
    expectShape(SessionList, all)
    const { status, body } = await stage.call('GET', '/sessions?limit=1&offset=1&active_only=No&unknown=1')
    expect(status).toBe(200)
    expect(body).toMatchObject({ total: all.total, limit: 1, offset: 1 })
    expect(body.sessions).toEqual([all.sessions[1]])
  })

  test.each([
    ['limit=0', 'Limit must be between 1 and 1000'],
    ['limit=1001', 'Limit must be between 1 and 1000'],
    ['limit=99999999999999999999', 'Limit must be between 1 and 1000'],
    ['offset=-1', 'Offset must be >= 0'],
  ])('%s is 400', async (query, text) => {
    const { status, body } = await stage.call('GET', `/sessions?${query}`)
    expect(status).toBe(400)
    expect(body).toMatchObject({ detail: text, error: text, code: 'invalid_input' })
  })

  test.each([
    ['limit=abc', 'limit', 'int_parsing'],
    ['limit=', 'limit', 'int_parsing'],
    ['limit=1.5', 'limit', 'int_parsing'],
    ['offset=x', 'offset', 'int_parsing'],
    ['active_only=x', 'active_only', 'bool_parsing'],
  ])('%s is 422', async (query, name, type) => {
    const { status, body } = await stage.call('GET', `/sessions?${query}`)
    expect([status, body.detail[0].type, body.detail[0].loc]).toEqual([422, type, ['query', name]])
  })

  test('the last of two counts', async () => {
    expect((await stage.call('GET', '/sessions?limit=0&limit=2')).body.limit).toBe(2)
  })
})

describe('one session', () => {
  test('nested and at top level, messages when asked for', async () => {
    await stage.coderSession('one')
    stage.model.script(asks('call-one', 'read_file', { path: 'a.py' }), says('Done'))
    await stage.send('one', { content: 'read it' })
    await stage.send('one', { type: 'tool_result', call_id: 'call-one', result: 'x = 1' })
    const { body } = await stage.call('GET', '/sessions/one')
    expectShape(SessionDetail, body)
    expect(body).toMatchObject({ id: 'one', title: 'read it', message_count: 4, current_agent: 'coder', state: 'idle' })
    expect(body.session).toMatchObject({ id: 'one', messages: null, message_count: 4 })
    const full = (await stage.call('GET', '/sessions/one?include_messages=1')).body
    expectShape(SessionDetail, full)
    expect(full.session.messages).toMatchObject([
      { role: 'user', content: 'read it', name: null, tool_call_id: null, tool_calls: null },
      { role: 'assistant', content: '', tool_calls: [{ id: 'call-one', function: { arguments: '{"path":"a.py"}' } }] },
      { role: 'tool', content: 'x = 1', name: 'read_file', tool_call_id: 'call-one' },
      { role: 'assistant', content: 'Done' },
    ])
  })

  test('the history in the form a model is given', async () => {
    const { body } = await stage.call('GET', '/sessions/one/history')
    expectShape(SessionHistory, body)
    expect(body.messages).toEqual([
      { role: 'user', content: 'read it' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'call-one', type: 'function', function: { name: 'read_file', arguments: '{"path":"a.py"}' } },
        ],
      },
      { role: 'tool', content: 'x = 1', tool_call_id: 'call-one', name: 'read_file' },
      { role: 'assistant', content: 'Done' },
    ])
    expect(body).toMatchObject({ message_count: 4, current_agent: 'coder' })
    expect(body.agent_history).toMatchObject([
      {
        from: 'orchestrator',
        from_agent: 'orchestrator',
        to: 'coder',
        to_agent: 'coder',
        reason: 'test',
        confidence: null,
      },
    ])
    const page = (await stage.call('GET', '/sessions/one/history?limit=2&offset=1')).body
    expect([page.message_count, page.messages[0].role]).toEqual([2, 'assistant'])
    expect((await stage.call('GET', '/sessions/one/history?offset=3')).body.message_count).toBe(1)
    expect((await stage.call('GET', '/sessions/one/history?limit=0')).status).toBe(400)
  })

  test('choosing a model', async () => {
    await stage.coderSession('modelled')
    const plain = await stage.call('GET', '/sessions/modelled')
    expect(plain.body).not.toHaveProperty('model')
    const { status, body } = await stage.call('PATCH', '/sessions/modelled', { model: 'scripted-1' })
    expect([status, body.model]).toEqual([200, 'scripted-1'])
    expect((await stage.call('GET', '/sessions/modelled')).body.model).toBe('scripted-1')
    const refused = await stage.call('PATCH', '/sessions/modelled', { model: 'gpt-9', title: 'Not kept' })
    expect([refused.status, refused.body.code]).toEqual([404, 'not_found'])
    expect(refused.body.error).toBe("There is no model 'gpt-9'. Known: scripted-1")
    const none = await stage.call('PATCH', '/sessions/modelled', { model: null })
    expect(none.body).not.toHaveProperty('model')
    const nothing = await stage.call('PATCH', '/sessions/modelled', {})
    expect(nothing.body.detail).toMatchObject([{ type: 'missing', loc: ['body', 'title'], msg: 'Field required' }])
  })

  test('what a session used', async () => {
    await stage.coderSession('used')
    const unused = await stage.call('GET', '/sessions/used/usage')
    expect(unused.body).toMatchObject({ session_id: 'used', total: { calls: 0, cost: 0 }, models: [] })
    expect((await stage.call('GET', '/sessions/nobody/usage')).status).toBe(404)
  })

  test('the models there are', async () => {
    const { status, body } = await stage.call('GET', '/models')
    expect(status).toBe(200)
    expect(body).toMatchObject({
      models: [{ alias: 'scripted-1', provider: 'scripted', id: 'scripted-1', default: true, upstream: null }],
      total: 1,
    })
  })

  test('what the model is sent', async () => {
    await stage.coderSession('told')
    const { status, body } = await stage.call('GET', '/sessions/told/context')
    expect(status).toBe(200)
    expectShape(SessionContext, body)
    expect(body).toMatchObject({ session_id: 'told', agent: 'coder', model: 'scripted-1', share: null })
    const { sections, estimated_tokens: tokens } = body as SessionContext
    expect(sections.map(({ name }) => name)).toEqual(['prompt', 'tools', 'history'])
    expect(sections[0]?.text).toContain('You are the Coder Agent')
    expect(sections.reduce((sum, section) => sum + section.tokens, 0)).toBe(tokens)
  })

  test('renaming', async () => {
    await stage.call('POST', '/sessions', { session_id: 'named' })
    const { status, body } = await stage.call('PATCH', '/sessions/named', { title: 'A name' })
    expect([status, body.title, body.session.title]).toEqual([200, 'A name', 'A name'])
    expectShape(SessionDetail, body)
    for (const title of ['', '  ', 5, null, undefined, 'x'.repeat(501)]) {
      const refused = await stage.call('PATCH', '/sessions/named', { title })
      expect([refused.status, refused.body.detail[0].loc]).toEqual([422, ['body', 'title']])
    }
    expect((await stage.call('GET', '/sessions/named')).body.title).toBe('A name')
  })

  test('deleting: once, then it is unknown, and its id is free', async () => {
    await stage.call('POST', '/sessions', { session_id: 'gone' })
    const { status, body } = await stage.call('DELETE', '/sessions/gone')
    expect(status).toBe(200)
    expectShape(DeletedSession, body)
    expect((await stage.call('DELETE', '/sessions/gone')).status).toBe(404)
    expect((await stage.call('GET', '/sessions/gone')).status).toBe(404)
    expect((await stage.call('POST', '/sessions', { session_id: 'gone' })).status).toBe(201)
  })

  test('cancelling what waits', async () => {
    await stage.coderSession('stop')
    expect((await stage.call('POST', '/sessions/stop/cancel')).body).toEqual({
      session_id: 'stop',
      cancelled: false,
      turn_id: null,
    })
    stage.model.script(asks('call-stop', 'write_file', { path: 'a.py', content: 'x' }))
    await stage.send('stop', { content: 'write' })
    const { status, body } = await stage.call('POST', '/sessions/stop/cancel', {})
    expect(status).toBe(200)
    expectShape(CancelledTurn, body)
    expect(body.cancelled).toBe(true)
    expect((await stage.call('GET', '/sessions/stop/pending-approvals')).body.count).toBe(0)
  })

  test('what waits for a person, and all calls', async () => {
    await stage.coderSession('wait')
    stage.model.script(asks('call-w', 'write_file', { path: 'a.py', content: 'x' }))
    await stage.send('wait', { content: 'write' })
    const pending = (await stage.call('GET', '/sessions/wait/pending-approvals')).body
    expectShape(PendingApprovals, pending)
    expect(pending).toMatchObject({
      session_id: 'wait',
      count: 1,
      pending_approvals: [
        {
          request_id: 'call-w',
          request_type: 'tool',
          subject: 'write_file',
          details: { arguments: { path: 'a.py', content: 'x' } },
          reason: 'File modification requires user approval',
          call_id: 'call-w',
          tool_name: 'write_file',
          arguments: { path: 'a.py', content: 'x' },
        },
      ],
    })
    const open = (await stage.call('GET', '/sessions/wait/tool-calls?state=open')).body
    expectShape(SessionToolCalls, open)
    expect(open.tool_calls).toMatchObject([{ call_id: 'call-w', state: 'awaiting_approval', requires_approval: true }])
    await stage.send('wait', { type: 'hitl_decision', call_id: 'call-w', decision: 'approve' })
    const approved = (await stage.call('GET', '/sessions/wait/tool-calls')).body
    expect(approved.tool_calls).toMatchObject([{ call_id: 'call-w', state: 'open', requires_approval: false }])
    expect((await stage.call('GET', '/sessions/wait/tool-calls?state=closed')).status).toBe(422)
  })

  test.each([
    ['GET', '/sessions/nobody', undefined],
    ['PATCH', '/sessions/nobody', { title: 'x' }],
    ['PATCH', '/sessions/nobody', { model: null }],
    ['GET', '/sessions/nobody/usage', undefined],
    ['GET', '/sessions/nobody/context', undefined],
    ['DELETE', '/sessions/nobody', undefined],
    ['POST', '/sessions/nobody/cancel', undefined],
    ['GET', '/sessions/nobody/history', undefined],
    ['GET', '/sessions/nobody/pending-approvals', undefined],
    ['GET', '/sessions/nobody/tool-calls', undefined],
    ['POST', '/sessions/nobody/tool-calls/c/preview', { old_sha256: null, diff: '', truncated: false }],
    ['GET', '/sessions/nobody/pending-approvals/c1/rules', undefined],
    ['GET', '/rules?session_id=nobody', undefined],
    ['POST', '/rules', { scope: 'session', session_id: 'nobody', tool: '*', pattern: '*', effect: 'ask' }],
    ['POST', '/rules/explain', { session_id: 'nobody', tool: 'list_files', arguments: {} }],
    ['POST', '/rules/try', { session_id: 'nobody', rule: { tool: '*', pattern: '*', effect: 'ask' } }],
    ['POST', '/agents/nobody/switch', { target_agent: 'coder', reason: 'x' }],
  ] as const)('%s %s is 404 and creates nothing', async (method, url, body) => {
    const answer = await stage.call(method, url, body)
    expect(answer.status).toBe(404)
    expect(answer.body).toMatchObject({
      detail: 'Session nobody not found',
      error: 'Session nobody not found',
      code: 'not_found',
    })
    expect((await stage.call('GET', '/sessions/nobody')).status).toBe(404)
  })
})

describe('agents', () => {
  test('in order of registration', async () => {
    const { body } = await stage.call('GET', '/agents')
    expectShape(AgentList, body)
    expect(body.agents.map((agent: { type: string }) => agent.type)).toEqual([
      'orchestrator',
      'coder',
      'architect',
      'debug',
      'ask',
    ])
    expect(body.agents[2]).toMatchObject({ name: 'Architect Agent', has_file_restrictions: true })
    expect(body.total).toBe(5)
  })

  test('the current one, before and after a switch', async () => {
    await stage.call('POST', '/sessions', { session_id: 'sw' })
    const before = (await stage.call('GET', '/agents/sw/current')).body
    expectShape(CurrentAgent, before)
    expect(before).toMatchObject({ current_agent: 'orchestrator', switch_count: 0, agent_history: [] })
    expect(before.context).toMatchObject({ switch_history: null, last_switch_at: null })
    const target = { target_agent: 'coder', reason: 'because', confidence: 'high' }
    const switched = await stage.call('POST', '/agents/sw/switch', target)
    expect(switched.status).toBe(200)
    expectShape(SwitchedAgent, switched.body)
    expect(switched.body.context.switch_history).toMatchObject([
      { from_agent: 'orchestrator', to_agent: 'coder', reason: 'because', confidence: 'high' },
    ])
    const after = (await stage.call('GET', '/agents/sw/current?include_history=yes')).body
    expect(after.context.switch_history).toHaveLength(1)
    expect(after.agent_history).toMatchObject([{ from: 'orchestrator', to: 'coder' }])
  })

  test.each([
    [
      { target_agent: 'coder', reason: 'again' },
      "Невозможно переключиться с агента 'coder' на агента 'coder': Агент уже активен",
      'agent_unchanged',
    ],
    [
      { target_agent: 'wizard', reason: 'x' },
      "Неверный тип агента: 'wizard'. Допустимые значения: ['orchestrator', 'coder', 'architect', 'debug', 'ask', 'universal']",
      'agent_unknown',
    ],
    [
      { target_agent: 'universal', reason: 'x' },
      "Agent 'universal' not found. Available agents: orchestrator, coder, architect, debug, ask",
      'agent_unknown',
    ],
  ])('%j is 400', async (body, text, code) => {
    const answer = await stage.call('POST', '/agents/sw/switch', body)
    expect(answer.status).toBe(400)
    expect(answer.body).toMatchObject({ detail: text, error: text, code })
    expect((await stage.call('GET', '/agents/sw/current')).body.switch_count).toBe(1)
  })

  test.each([
    [{ target_agent: 'ask' }, 'reason'],
    [{ reason: 'x' }, 'target_agent'],
    [{ target_agent: 1, reason: 'x' }, 'target_agent'],
  ])('%j is 422', async (body, name) => {
    const answer = await stage.call('POST', '/agents/sw/switch', body)
    expect([answer.status, answer.body.detail[0].loc]).toEqual([422, ['body', name]])
  })

  test('of an unknown session', async () => {
    const { status, body } = await stage.call('GET', '/agents/nobody/current')
    expect(status).toBe(404)
    expect(body).toMatchObject({ detail: 'Session not found', error: 'Session not found', code: 'not_found' })
  })
})
