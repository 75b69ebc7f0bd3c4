import { setTimeout as sleep } from 'node:timers/promises'
import { SessionToolCalls, StreamChunk, StreamRefusal } from '@codelab/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RuntimeError } from '../../src/application/index.ts'
import type { ModelEvent } from '../../src/application/ports/language-model.ts'
import { asks, doneFrame, key, Stage, says, type TestFrame, usage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(() => stage[Symbol.asyncDispose]())

function said(text: string): TestFrame {
  const data = { type: 'assistant_message', content: text, token: text, is_final: true, requires_approval: false }
  return { event: 'message', data }
}

function refused(text: string, code: string): TestFrame[] {
  const data = { type: 'error', error: text, content: text, is_final: true, code, retryable: false }
  return [{ event: 'error', data: { ...data, request_id: expect.any(String) } }, doneFrame]
}

/** Every frame fits its schema and has no other key. */
function expectFrames(frames: readonly TestFrame[]): void {
  for (const { event, data } of frames) {
    if (event === 'message') expect(StreamChunk.parse(data)).toEqual(data)
    if (event === 'error') expect(StreamRefusal.parse(data)).toEqual(data)
  }
}

const deltas = { features: ['deltas'] }

describe('a message', () => {
  test('is routed and answered', async () => {
    stage.model.script(says('Hello ', 'there.'))
    const frames = await stage.send('m1', { type: 'user_message', content: 'hi' })
    const names = { from_agent: 'orchestrator', to_agent: 'coder', reason: 'code' }
    const content = 'Switched to coder agent'
    expect(frames).toEqual([
      {
        event: 'message',
        data: {
          type: 'agent_switched',
          content,
          is_final: false,
          requires_approval: false,
          metadata: { ...names, confidence: 'high' },
        },
      },
      said('Hello there.'),
      doneFrame,
    ])
    expectFrames(frames)
  })

  test.each([
    ['without a type', { content: 'hi' }],
    [
      'with every key of the IDE, null',
      { type: null, content: 'hi', role: null, is_final: null, call_id: null, agent_type: null, metadata: null },
    ],
    ['with what nobody knows', { type: 'user_message', content: 'hi', surprise: { a: 1 } }],
  ])('%s is one too', async (_name, message) => {
    await stage.coderSession(`form ${_name}`)
    expect(await stage.send(`form ${_name}`, message)).toEqual([said('An answer.'), doneFrame])
  })

  test('to an agent that it names', async () => {
    const frames = await stage.send('named', { content: 'hi', agent_type: 'code' })
    expect(frames[0]?.data).toMatchObject({
      type: 'agent_switched',
      metadata: { from_agent: 'orchestrator', to_agent: 'coder', reason: 'User requested' },
    })
    expect(frames.slice(1)).toEqual([said('An answer.'), doneFrame])
  })

  test.each([
    ['blank', { content: '  \n' }, 'content must not be empty', 'invalid_input'],
    ['empty', { content: '' }, 'content must not be empty', 'invalid_input'],
    ['null', { content: null }, 'content must not be empty', 'invalid_input'],
    ['missing', {}, 'content must not be empty', 'invalid_input'],
    ['a number', { content: 5 }, 'content must not be empty', 'invalid_input'],
    ['of a type nobody knows', { type: 'banana', content: 'x' }, 'Unsupported message type: banana', 'invalid_input'],
    ['of a type that is no text', { type: 7, content: 'x' }, 'Unsupported message type: 7', 'invalid_input'],
    ['to an agent nobody knows', { content: 'x', agent_type: 'wizard' }, 'Invalid agent type: wizard', 'agent_unknown'],
    [
      'a switch to nobody',
      { type: 'switch_agent', agent_type: 'wizard' },
      'Invalid agent type: wizard',
      'agent_unknown',
    ],
    ['a switch without an agent', { type: 'switch_agent', content: 'x' }, 'Invalid agent type: None', 'agent_unknown'],
    [
      'a switch in capitals',
      { type: 'switch_agent', agent_type: 'CODER' },
      'Invalid agent type: CODER',
      'agent_unknown',
    ],
    [
      'a switch with odd content',
      { type: 'switch_agent', agent_type: 'ask', content: 1 },
      'content must be a string',
      'invalid_input',
    ],
    [
      'a result without a call',
      { type: 'tool_result', result: {} },
      'tool_result must contain call_id',
      'invalid_input',
    ],
    [
      'a result of an empty call',
      { type: 'tool_result', call_id: '', result: {} },
      'tool_result must contain call_id',
      'invalid_input',
    ],
    [
      'a result of an unknown call',
      { type: 'tool_result', call_id: 'nope', result: 1 },
      'Unknown call_id: nope',
      'unknown_call',
    ],
    [
      'a decision nobody knows',
      { type: 'hitl_decision', call_id: 'x', decision: 'maybe' },
      'Invalid HITL decision: maybe',
      'invalid_decision',
    ],
    [
      'a decision in capitals',
      { type: 'hitl_decision', call_id: 'x', decision: 'APPROVE' },
      'Invalid HITL decision: APPROVE',
      'invalid_decision',
    ],
    ['a missing decision', { type: 'hitl_decision', call_id: 'x' }, 'Invalid HITL decision: None', 'invalid_decision'],
    [
      'a decision about nothing',
      { type: 'hitl_decision', decision: 'approve' },
      'hitl_decision must contain call_id',
      'invalid_input',
    ],
    [
      'a decision about an unknown call',
      { type: 'hitl_decision', call_id: 'x', decision: 'approve' },
      'No pending HITL state found for call_id=x',
      'approval_not_pending',
    ],
    [
      'odd arguments',
      { type: 'hitl_decision', call_id: 'x', decision: 'edit', modified_arguments: [] },
      'modified_arguments must be an object',
      'invalid_input',
    ],
    [
      'odd feedback',
      { type: 'hitl_decision', call_id: 'x', decision: 'reject', feedback: 1 },
      'feedback must be a string',
      'invalid_input',
    ],
  ])('%s is refused, and nothing is stored', async (name, message, text, code) => {
    const asked = stage.model.calls.length
    const frames = await stage.send(`refused ${name}`, message)
    expect(frames).toEqual(refused(text, code))
    expectFrames(frames)
    expect((await stage.call('GET', `/sessions/${encodeURIComponent(`refused ${name}`)}`)).status).toBe(404)
    expect(stage.model.calls).toHaveLength(asked)
  })

  test('longer than 8 MiB is refused in the stream', async () => {
    const frames = await stage.send('long', { content: 'ж'.repeat(4 * 1024 * 1024 + 1) })
    expect(frames).toEqual(refused('content is longer than 8 MiB', 'message_too_long'))
    expect(await stage.historyLength('long')).toBe(0)
  })

  test.each([
    [{ message: { content: 'x' } }, 'missing', ['body', 'session_id']],
    [{ session_id: 's' }, 'missing', ['body', 'message']],
    [{ session_id: 's', message: 'text' }, 'dict_type', ['body', 'message']],
    [{ session_id: 's', message: [] }, 'dict_type', ['body', 'message']],
    [{ session_id: 's', message: null }, 'dict_type', ['body', 'message']],
    [{ session_id: null, message: {} }, 'string_type', ['body', 'session_id']],
    [{ session_id: 123, message: {} }, 'string_type', ['body', 'session_id']],
    [{ session_id: '', message: {} }, 'string_too_short', ['body', 'session_id']],
    [{ session_id: 'a'.repeat(256), message: {} }, 'string_too_long', ['body', 'session_id']],
    [{ session_id: 'a\nb', message: {} }, 'value_error', ['body', 'session_id']],
  ])('%j is the wrong shape: 422', async (body, type, loc) => {
    const answer = await stage.call('POST', '/agent/message/stream', body)
    expect(answer.status).toBe(422)
    expect(answer.body.detail).toMatchObject([{ type, loc, msg: expect.any(String) }])
  })
})

describe('tools', () => {
  test('a call, its result, the answer', async () => {
    await stage.coderSession('t1')
    stage.model.script(asks('t1-a', 'read_file', { path: 'a.py' }, 'Reading'), says('It says x.'))
    const frames = await stage.send('t1', { content: 'read' })
    const call = { call_id: 't1-a', tool_name: 'read_file', arguments: { path: 'a.py' }, requires_approval: false }
    expect(frames).toEqual([{ event: 'message', data: { type: 'tool_call', is_final: true, ...call } }, doneFrame])
    expectFrames(frames)
    expect(Object.keys(frames[0]?.data)).toEqual([
      'type',
      'is_final',
      'call_id',
      'tool_name',
      'arguments',
      'requires_approval',
    ])
    const result = { success: true, content: 'x' }
    const message = { type: 'tool_result', content: null, call_id: 't1-a', tool_name: 'read_file', result, error: null }
    expect(await stage.send('t1', message)).toEqual([said('It says x.'), doneFrame])
    expect(await stage.send('t1', message)).toEqual(refused('Tool call t1-a is already answered', 'call_answered'))
  })

  test('an edit, for a client that says nothing of itself: a read and a write as it knows them', async () => {
    await stage.coderSession('edit')
    const edits = [{ old_text: 'x', new_text: 'y' }]
    stage.model.script(asks('call-e', 'edit_file', { path: 'a.py', edits }), says('Done.'))
    const [read, end, ...more] = await stage.send('edit', { content: 'change it' })
    expect([end, ...more]).toEqual([doneFrame])
    const frame = { type: 'tool_call', is_final: true }
    const path = 'a.py'
    expect(read?.data).toEqual({
      ...frame,
      call_id: expect.stringMatching(/^call_/),
      tool_name: 'read_file',
      arguments: { path },
      requires_approval: false,
    })
    const result = { success: true, content: 'x = 1\n', lines_read: 1 }
    const answer = { type: 'tool_result', call_id: read?.data.call_id, tool_name: 'read_file', result, error: null }
    const [write, ...rest] = await stage.send('edit', answer)
    expect(rest).toEqual([doneFrame])
    expect(write?.data).toEqual({
      ...frame,
      call_id: expect.stringMatching(/^call_/),
      tool_name: 'write_file',
      arguments: { path, content: 'y = 1\n' },
      requires_approval: true,
    })
    const { tool_calls: all } = SessionToolCalls.parse((await stage.call('GET', '/sessions/edit/tool-calls')).body)
    expect(all.map((call) => [call.tool_name, call.state, call.parent_call_id])).toEqual([
      ['edit_file', 'open', undefined],
      ['read_file', 'answered', 'call-e'],
      ['write_file', 'awaiting_approval', 'call-e'],
    ])
    const open = (await stage.call('GET', '/sessions/edit/tool-calls?state=open')).body.tool_calls
    expect(open.map((call: { call_id: string }) => call.call_id)).toEqual([write?.data.call_id])
    const last = { type: 'tool_result', call_id: write?.data.call_id, result: { success: true } }
    expect(await stage.send('edit', last)).toEqual([said('Done.'), doneFrame])
    const { messages } = (await stage.call('GET', '/sessions/edit/history')).body
    expect(messages.slice(1, 3)).toMatchObject([
      { role: 'assistant', tool_calls: [{ id: 'call-e', function: { name: 'edit_file' } }] },
      { role: 'tool', tool_call_id: 'call-e', name: 'edit_file' },
    ])
  })

  test.each([
    [{ a: 1 }, 'artifact must be a string', 'invalid_input'],
    ['x'.repeat(8 * 1024 * 1024 + 1), 'artifact is longer than 8 MiB', 'message_too_long'],
  ])('the whole of a result that is no text, or too long, is refused', async (artifact, text, code) => {
    const answer = { type: 'tool_result', call_id: 'any', result: 'x', artifact }
    expect(await stage.send('refused artifact', answer)).toEqual(refused(text, code))
  })

  test('a rejection through a result ends the turn with the special chunk', async () => {
    await stage.coderSession('t2')
    stage.model.script(asks('t2-a', 'write_file', { path: 'a.py', content: 'x' }))
    await stage.send('t2', { content: 'write' })
    const frames = await stage.send('t2', { type: 'tool_result', call_id: 't2-a', error: 'User rejected: no' })
    const text = 'Tool write_file was rejected by user.'
    expect(frames).toEqual([{ event: 'message', data: { ...said(text).data, text } }, doneFrame])
    expectFrames(frames)
  })

  test('an edit: the call again with the edited arguments', async () => {
    await stage.coderSession('t3')
    stage.model.script(asks('t3-a', 'write_file', { path: 'a.py', content: 'x' }), says('ok'))
    await stage.send('t3', { content: 'write' })
    const edit = {
      type: 'hitl_response',
      call_id: 't3-a',
      action: 'EDIT',
      edited_arguments: { path: 'b.py', content: 'y' },
    }
    const frames = await stage.send('t3', edit)
    expect(frames[0]?.data).toMatchObject({
      type: 'tool_call',
      arguments: { path: 'b.py', content: 'y' },
      requires_approval: false,
    })
    expect(frames[1]).toEqual(doneFrame)
    expect((await stage.send('t3', { type: 'tool_result', call_id: 't3-a', result: 1 })).at(-1)).toEqual(doneFrame)
  })

  test('a decision by another client than the one that runs the tools', async () => {
    await stage.coderSession('t4')
    stage.model.script(asks('t4-a', 'write_file', { path: 'a.py', content: 'x' }))
    await stage.send('t4', { content: 'write' }, { client: { id: 'laptop' } })
    const decision = { type: 'hitl_decision', call_id: 't4-a', decision: 'approve' }
    const frames = await stage.send('t4', decision, { client: { id: 'phone' } })
    expect(frames).toEqual([
      {
        event: 'message',
        data: {
          type: 'approval_decided',
          is_final: true,
          requires_approval: false,
          call_id: 't4-a',
          tool_name: 'write_file',
          decision: 'approve',
        },
      },
      doneFrame,
    ])
    expectFrames(frames)
    expect((await stage.call('GET', '/sessions/t4/tool-calls?state=open')).body.tool_calls[0].state).toBe('open')
  })
})

describe('switching', () => {
  test('without content it only switches, the second time nothing is shown', async () => {
    const message = { type: 'switch_agent', agent_type: 'ask', content: 'Switched to Ask' }
    const frames = await stage.send('s1', message)
    expect(frames[0]?.data).toMatchObject({
      type: 'agent_switched',
      is_final: true,
    })
    expect(frames[0]?.data.metadata).toEqual({ from_agent: 'orchestrator', to_agent: 'ask', reason: 'User requested' })
    expect(frames[1]).toEqual(doneFrame)
    expect(await stage.send('s1', message)).toEqual([doneFrame])
    expect(await stage.historyLength('s1')).toBe(0)
  })
})

describe('features', () => {
  test.each([
    ['the body', { client: deltas }],
    ['the header', { headers: { 'x-codelab-features': 'nope, Deltas' } }],
    ['the query', { query: '?features=usage,deltas' }],
  ])('deltas, by %s', async (name, more) => {
    await stage.coderSession(`d ${name}`)
    stage.model.script(says('Hello ', 'there.'))
    const frames = await stage.send(`d ${name}`, { content: 'hi' }, more)
    const texts = frames.filter(({ data }) => data.type === 'assistant_message').map(({ data }) => data)
    const last = texts.pop()
    expect(last).toMatchObject({ content: 'Hello there.', token: '', is_final: true })
    expect(texts.every((data) => data.content === undefined && data.is_final === false)).toBe(true)
    expect(texts.map((data) => data.token).join('')).toBe('Hello there.')
    expectFrames(frames)
  })

  test('text beside a call is shown to who reads deltas', async () => {
    await stage.coderSession('d2')
    stage.model.script(asks('d2-a', 'read_file', { path: 'a' }, 'Let me look.'))
    const frames = await stage.send('d2', { content: 'hi' }, { client: deltas })
    expect(frames.map(({ data }) => [data.type, data.content, data.token])).toEqual([
      ['assistant_message', undefined, 'Let me look.'],
      ['assistant_message', 'Let me look.', ''],
      ['tool_call', undefined, undefined],
      [undefined, undefined, undefined],
    ])
  })

  test('whoever joins the tokens has the text also where no piece of it was streamed', async () => {
    await stage.coderSession('d3')
    stage.model.script(asks('d3-a', 'ask_followup_question', { question: 'Which file?' }))
    const frames = await stage.send('d3', { content: 'hi' }, { client: { ...deltas, tools: ['read_file'] } })
    const texts = frames.filter(({ data }) => data.type === 'assistant_message').map(({ data }) => data)
    expect(texts.map((data) => data.token).join('')).toBe('Which file?')
    expect(texts.at(-1).content).toBe('Which file?')
  })

  test('reasoning and usage, and nothing of them without the feature', async () => {
    await stage.coderSession('r1')
    const thinking: ModelEvent[] = [
      { type: 'reasoning-delta', text: 'Hmm.' },
      { type: 'reasoning-end' },
      ...says('Yes.'),
    ]
    stage.model.script(thinking, thinking)
    const frames = await stage.send('r1', { content: 'hi' }, { client: { features: ['reasoning', 'usage'] } })
    expect(frames).toEqual([
      { event: 'message', data: { type: 'reasoning', token: 'Hmm.', is_final: false, requires_approval: false } },
      {
        event: 'message',
        data: {
          type: 'usage',
          is_final: false,
          requires_approval: false,
          model: 'scripted-1',
          input_tokens: usage.inputTokens,
          cached_tokens: usage.cachedTokens,
          output_tokens: usage.outputTokens,
          reasoning_tokens: usage.reasoningTokens,
          steps: 1,
        },
      },
      said('Yes.'),
      doneFrame,
    ])
    expectFrames(frames)
    expect(await stage.send('r1', { content: 'hi' })).toEqual([said('Yes.'), doneFrame])
  })

  test('a place in line', async () => {
    await stage.coderSession('q1')
    const gate = Promise.withResolvers<void>()
    stage.model.script(async function* () {
      await gate.promise
      yield* says('First.')
    }, says('Second.'))
    const first = stage.send('q1', { content: 'one' })
    await stage.untilRunning('q1')
    const second = stage.send('q1', { content: 'two' }, { client: { features: ['queue'] } })
    // Two that are on their way at once come in either order.
    await sleep(250)
    const third = stage.send('q1', { content: 'three' })
    setTimeout(() => gate.resolve(), 100)
    expect(await first).toEqual([said('First.'), doneFrame])
    const frames = await second
    expect(frames[0]).toEqual({
      event: 'message',
      data: { type: 'queued', is_final: false, requires_approval: false, position: 1 },
    })
    expect(frames.slice(1)).toEqual([said('Second.'), doneFrame])
    expect(await third).toEqual([said('An answer.'), doneFrame])
  })

  test.each([
    ['no object', 'me', 'client: '],
    ['tools that are no list', { tools: 'read_file' }, 'client.tools: '],
    ['limits that are no numbers', { limits: { a: 'b' } }, 'client.limits.a: '],
    ['an id that is no text', { id: 5 }, 'client.id: '],
  ])('a client that is %s is refused in the stream', async (name, client, text) => {
    const frames = await stage.send(`client ${name}`, { content: 'hi' }, { client })
    expect(frames[0]?.event).toBe('error')
    expect(frames[0]?.data.error).toContain(text)
    expect(frames[0]?.data.code).toBe('invalid_input')
    expect(await stage.historyLength(`client ${name}`)).toBe(0)
  })

  test('a client may leave every part out, or null', async () => {
    await stage.coderSession('c1')
    const client = {
      id: null,
      name: null,
      version: null,
      features: null,
      tools: null,
      limits: null,
      context: null,
      more: 1,
    }
    expect(await stage.send('c1', { content: 'hi' }, { client })).toEqual([said('An answer.'), doneFrame])
  })
})

describe('failures', () => {
  test('of the model: an error chunk, then done, without internals', async () => {
    await stage.coderSession('f1')
    stage.model.script(async function* (): AsyncGenerator<ModelEvent> {
      yield* []
      throw new RuntimeError('upstream_rate_limited', 'LLM request failed: upstream returned 429', {
        cause: new Error('http://secret'),
        details: { retryAfterMs: 1_500 },
      })
    })
    const frames = await stage.send('f1', { content: 'hi' })
    const text = 'LLM request failed: upstream returned 429'
    expect(frames).toEqual([
      {
        event: 'message',
        data: {
          type: 'error',
          content: text,
          is_final: true,
          requires_approval: false,
          error: text,
          code: 'upstream_rate_limited',
          retryable: true,
          retry_after: 2,
          request_id: expect.any(String),
        },
      },
      doneFrame,
    ])
    expectFrames(frames)
    expect(await stage.send('f1', { content: 'again' })).toEqual([said('An answer.'), doneFrame])
  })

  test('of ours: nothing of it leaves the house, the log has it', async () => {
    await stage.coderSession('f2')
    stage.model.script(async function* (): AsyncGenerator<ModelEvent> {
      yield* []
      throw new TypeError('secret detail')
    })
    const frames = await stage.send('f2', { content: 'hi' })
    expect(frames[0]?.data).toMatchObject({ type: 'error', error: 'Internal server error', code: 'internal' })
    expect(JSON.stringify(frames)).not.toContain('secret')
    expect(stage.lines.some(({ level }) => level === 'error')).toBe(true)
  })

  test('cancelled by a person', async () => {
    await stage.coderSession('f3')
    const writing = Promise.withResolvers<void>()
    stage.model.script(async function* (_request, signal): AsyncGenerator<ModelEvent> {
      yield { type: 'text-delta', text: 'Partial' }
      writing.resolve()
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    const answer = stage.send('f3', { content: 'hi' })
    await writing.promise
    expect((await stage.call('POST', '/sessions/f3/cancel')).body.cancelled).toBe(true)
    expect((await answer)[0]?.data).toMatchObject({ type: 'error', code: 'cancelled', retryable: false })
    const { messages } = (await stage.call('GET', '/sessions/f3/history')).body
    expect(messages.map((message: { role: string }) => message.role)).toEqual(['user', 'assistant'])
  })

  test('while it shuts down: in the stream, and 503 elsewhere', async () => {
    await using closing = await Stage.open()
    await closing.application.shutDown(0)
    const frames = await closing.send('x', { content: 'hi' })
    expect(frames[0]).toMatchObject({
      event: 'error',
      data: { code: 'shutting_down', retryable: true, retry_after: 5 },
    })
    expect(frames[1]).toEqual(doneFrame)
    const rest = await closing.call('GET', '/sessions')
    expect([rest.status, rest.headers['retry-after'], rest.body.code]).toEqual([503, '5', 'shutting_down'])
    expect((await closing.call('GET', '/health')).status).toBe(200)
    expect((await closing.app.inject({ url: '/sessions' })).statusCode).toBe(401)
    expect((await closing.app.inject({ url: '/sessions', headers: { 'x-internal-auth': key } })).statusCode).toBe(503)
  })
})
