import { describe, expect, it } from 'vitest'
import { RuntimeError } from '../../src/domain/errors.ts'
import { calls, routes, says } from '../fakes/scripted-model.ts'
import { client, events, owner, summary, TestApplication } from './start-application.ts'

describe('a message', () => {
  it('is routed once, answered, and everything is stored', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('ask'), says('Hello', ' there'), says('Again'))
    expect(summary(await app.message('hi'))).toEqual(['switched orchestrator>ask', 'completed'])
    expect(summary(await app.message('more'))).toEqual(['completed'])
    expect(await app.history()).toEqual(['user: hi', 'assistant: Hello there', 'user: more', 'assistant: Again'])
    const session = await app.application.sessions.get({ ownerId: owner, sessionId: 's1' })
    expect(session).toMatchObject({ title: 'hi', state: 'idle', currentAgent: 'ask', messageCount: 4, turnId: null })
    expect(app.model.calls.map((call) => call.purpose)).toEqual(['classify', 'answer', 'answer'])
  })

  it('streams to whoever asked for deltas, and the deltas are the whole text', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('ask'), says('One ', 'two ', 'three'))
    const frames = await app.message('count', { client: client(['deltas']) })
    const text = frames.flatMap((frame) => (frame.kind === 'text' ? [frame.text] : []))
    expect(text.join('')).toBe('One two three')
    const kinds = frames.map((frame) => frame.kind)
    expect(kinds.lastIndexOf('text')).toBeLessThan(frames.length - 2)
  })

  it('falls back to words when the model cannot be asked who should answer', async () => {
    await using app = await TestApplication.start()
    app.model.push([new RuntimeError('upstream_unavailable', 'LLM request failed: connection refused')], says('ok'))
    const [switched] = events(await app.message('why is this error happening?')).filter(
      (e) => e.type === 'agent.switched',
    )
    expect(switched?.facts).toMatchObject({
      to: 'debug',
      confidence: 'low',
      reason: 'Fallback classification due to LLM error',
    })
  })

  it('goes to the universal agent in single-agent mode without asking', async () => {
    await using app = await TestApplication.start({ mode: 'single' })
    app.model.push(says('ok'))
    expect(summary(await app.message('hi'))).toEqual(['switched orchestrator>universal', 'completed'])
    expect(app.model.calls).toHaveLength(1)
  })

  it('that fails keeps what was stored, and the next one works', async () => {
    await using app = await TestApplication.start()
    app.model.push(
      routes('ask'),
      [{ type: 'text-delta', text: 'half an ans' }, new RuntimeError('upstream_incomplete', 'LLM request failed: cut')],
      says('whole'),
    )
    expect(summary(await app.message('hi'))).toEqual(['switched orchestrator>ask', 'failed upstream_incomplete'])
    expect(await app.history()).toEqual(['user: hi', 'assistant!: half an ans'])
    expect(summary(await app.message('again'))).toEqual(['completed'])
    expect(app.model.calls.at(-1)?.messages.map((message) => message.role)).toEqual(['user', 'assistant', 'user'])
  })

  it('that fails for a reason of ours tells nothing of it', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('ask'), [new TypeError('secret detail')])
    const end = events(await app.message('hi')).find((event) => event.type === 'run.ended')
    expect(end?.facts).toMatchObject({ error: { code: 'internal', text: 'Internal server error' } })
  })

  it('stops after the step limit of the turn', async () => {
    await using app = await TestApplication.start({ limits: { turnSteps: 3 } })
    app.model.push(
      routes('coder'),
      calls(['read_file', { path: 'a' }, 'c1']),
      calls(['read_file', { path: 'b' }, 'c2']),
    )
    app.model.push(calls(['read_file', { path: 'c' }, 'c3']))
    await app.message('loop')
    await app.send({ kind: 'tool_result', callId: 'c1', result: 'x' })
    await app.send({ kind: 'tool_result', callId: 'c2', result: 'x' })
    expect(summary(await app.send({ kind: 'tool_result', callId: 'c3', result: 'x' }))).toEqual(['failed step_limit'])
    expect(await app.state()).toBe('idle')
  })

  it('stops after the time of a run', async () => {
    await using app = await TestApplication.start({ limits: { runMs: 100 } })
    app.model.push(routes('ask'), [{ type: 'text-delta', text: 'slow' }, new Promise(() => {})])
    expect(summary(await app.message('hi')).at(-1)).toBe('failed run_timeout')
    expect(await app.history()).toEqual(['user: hi', 'assistant!: slow'])
  })
})

describe('tool calls', () => {
  it('go to the client and come back into the next request, byte for byte', async () => {
    await using app = await TestApplication.start()
    const argumentsJson = '{"path" : "src/a.ts", "start_line":1}'
    app.model.push(routes('coder'), calls(['read_file', argumentsJson, 'c1']), says('done'))
    expect(summary(await app.message('read'))).toEqual([
      'switched orchestrator>coder',
      'call read_file',
      'awaiting_tool',
    ])
    expect(await app.state()).toBe('awaiting_tool')
    const result = { success: true, content: 'x' }
    expect(summary(await app.send({ kind: 'tool_result', callId: 'c1', result }))).toEqual(['completed'])
    expect(app.model.calls.at(-1)?.messages).toEqual([
      { role: 'user', parts: [{ type: 'text', text: 'read' }] },
      { role: 'assistant', parts: [{ type: 'tool-call', callId: 'c1', tool: 'read_file', argumentsJson }] },
      {
        role: 'tool',
        parts: [{ type: 'tool-result', callId: 'c1', tool: 'read_file', text: '{"success": true, "content": "x"}' }],
      },
    ])
  })

  it('of one answer are handed out one at a time, without asking the model in between', async () => {
    await using app = await TestApplication.start()
    app.model.push(
      routes('coder'),
      calls(['read_file', { path: 'a' }, 'c1'], ['list_files', { path: '.' }, 'c2']),
      says('done'),
    )
    expect(summary(await app.message('two'))).toEqual([
      'switched orchestrator>coder',
      'call read_file',
      'awaiting_tool',
    ])
    expect(summary(await app.send({ kind: 'tool_result', callId: 'c1', result: 'A' }))).toEqual([
      'call list_files',
      'awaiting_tool',
    ])
    expect(summary(await app.send({ kind: 'tool_result', callId: 'c2', result: 'B' }))).toEqual(['completed'])
    expect(app.model.calls).toHaveLength(3)
  })

  it('go out together to a client that runs them in parallel; results go upstream in call order', async () => {
    await using app = await TestApplication.start()
    const options = { client: client(['parallel-tools']) }
    app.model.push(
      routes('coder'),
      calls(['read_file', { path: 'a' }, 'c1'], ['read_file', { path: 'b' }, 'c2']),
      says('done'),
    )
    expect(summary(await app.message('two', options)).slice(1)).toEqual([
      'call read_file',
      'call read_file',
      'awaiting_tool',
    ])
    expect(summary(await app.send({ kind: 'tool_result', callId: 'c2', result: 'B' }, options))).toEqual([
      'awaiting_tool',
    ])
    expect(summary(await app.send({ kind: 'tool_result', callId: 'c1', result: 'A' }, options))).toEqual(['completed'])
    const results = app.model.calls.at(-1)?.messages.flatMap((m) => (m.role === 'tool' ? [m.parts[0].text] : []))
    expect(results).toEqual(['A', 'B'])
  })

  it.each([
    ['not JSON', '{"path": "a'],
    ['no object', '["a"]'],
    ['a missing argument', '{}'],
    ['a wrong type', '{"path": 7}'],
    ['a path outside', '{"path": "../../etc/passwd"}'],
  ])('with %s never reach the client; the model may correct itself', async (_, args) => {
    await using app = await TestApplication.start()
    app.model.push(routes('coder'), calls(['read_file', args, 'c1']), says('sorry'))
    expect(summary(await app.message('read'))).toEqual(['switched orchestrator>coder', 'completed'])
    expect(await app.application.sessions.toolCalls({ ownerId: owner, sessionId: 's1' }, 'open')).toEqual([])
    const last = app.model.calls.at(-1)?.messages.at(-1)
    expect(last?.role).toBe('tool')
  })

  it('that stay faulty end the turn after two more tries', async () => {
    await using app = await TestApplication.start()
    const faulty = () => calls(['read_file', '{}', ''])
    app.model.push(routes('coder'), faulty(), faulty(), faulty(), says('ok'))
    expect(summary(await app.message('read')).at(-1)).toBe('failed tool_arguments_invalid')
    expect(summary(await app.message('next'))).toEqual(['completed'])
  })

  it('that the agent may not make are shown to an undeclared client, and leave nothing open', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('architect'), calls(['write_file', { path: 'a.py', content: 'x' }, 'c1']), says('ok'))
    const frames = await app.message('write')
    expect(summary(frames).at(-1)).toBe('failed path_not_allowed')
    const end = events(frames).find((event) => event.type === 'run.ended')
    expect(end?.facts).toMatchObject({ error: { text: expect.stringContaining("File 'a.py' is not allowed") } })
    const ref = { ownerId: owner, sessionId: 's1' }
    expect(await app.application.sessions.pendingApprovals(ref)).toEqual([])
    expect(summary(await app.message('next'))).toEqual(['completed'])
  })

  it('that the agent may not make are told to the model of a declared client', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('ask'), calls(['write_file', { path: 'a.py', content: 'x' }, 'c1']), says('I cannot'))
    expect(summary(await app.message('write', { client: client() }))).toEqual([
      'switched orchestrator>ask',
      'completed',
    ])
  })

  it('whose id is taken get another', async () => {
    await using app = await TestApplication.start()
    app.model.push(
      routes('coder'),
      calls(['read_file', { path: 'a' }, 'same']),
      calls(['read_file', { path: 'b' }, 'same']),
    )
    await app.message('read')
    const [dispatched] = events(await app.send({ kind: 'tool_result', callId: 'same', result: 'A' })).filter(
      (event) => event.type === 'tool_call.dispatched',
    )
    expect(dispatched?.facts.callId).toMatch(/^call_/)
    expect(dispatched?.facts.callId).not.toBe('same')
  })

  it('are answered once', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('coder'), calls(['read_file', { path: 'a' }, 'c1']), says('done'))
    await app.message('read')
    await app.send({ kind: 'tool_result', callId: 'c1', result: 'A' })
    await expect(app.send({ kind: 'tool_result', callId: 'c1', result: 'A' })).rejects.toMatchObject({
      code: 'call_answered',
    })
    await expect(app.send({ kind: 'tool_result', callId: 'nope', result: 'A' })).rejects.toMatchObject({
      code: 'unknown_call',
    })
    await expect(app.send({ kind: 'tool_result', callId: 'c1' }, { session: 'other' })).rejects.toMatchObject({
      code: 'unknown_call',
    })
    expect(await app.history()).toHaveLength(4)
  })

  it('left open are closed by the next message, and a late result is refused', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('coder'), calls(['write_file', { path: 'a', content: 'x' }, 'c1']), says('fine'))
    await app.message('write')
    expect(summary(await app.message('never mind'))).toEqual(['completed'])
    expect(await app.history()).toEqual([
      'user: write',
      'assistant: write_file(c1)',
      'tool: {"error":"No result was provided","reason":"superseded"}',
      'user: never mind',
      'assistant: fine',
    ])
    await expect(app.send({ kind: 'tool_result', callId: 'c1', result: 'late' })).rejects.toMatchObject({
      code: 'call_superseded',
      message: 'Tool call c1 was superseded',
    })
    await expect(app.send({ kind: 'decision', callId: 'c1', decision: 'approve' })).rejects.toMatchObject({
      code: 'call_superseded',
    })
  })
})

describe('handoffs', () => {
  it('by the agent run the next one in the same run, alone', async () => {
    await using app = await TestApplication.start()
    app.model.push(
      routes('ask'),
      calls(['read_file', { path: 'a' }, 'c1'], ['switch_mode', { mode: 'coder', reason: 'edit' }, 'c2']),
      says('coded'),
    )
    expect(summary(await app.message('edit'))).toEqual(['switched orchestrator>ask', 'switched ask>coder', 'completed'])
    expect(await app.history()).toEqual([
      'user: edit',
      'assistant: read_file(c1) | switch_mode(c2)',
      'tool: {"error":"No result was provided","reason":"not_executed"}',
      'tool: Switching to coder agent',
      'assistant: coded',
    ])
  })

  it('to each other for ever are stopped', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('ask'))
    for (let i = 0; i < 10; i++) app.model.push(calls(['switch_mode', { mode: i % 2 ? 'ask' : 'debug' }, `c${i}`]))
    expect(summary(await app.message('ping')).at(-1)).toBe('failed switch_limit')
    app.model.push(says('unused'))
  })

  it('by a person without a message only switch; to the same agent nothing happens', async () => {
    await using app = await TestApplication.start()
    expect(summary(await app.send({ kind: 'switch', agent: 'ask', content: 'Switched to Ask' }))).toEqual([
      'switched orchestrator>ask',
      'switched',
    ])
    expect(summary(await app.send({ kind: 'switch', agent: 'ask', content: '' }))).toEqual(['switched'])
    app.model.push(says('hello'))
    expect(summary(await app.message('hi'))).toEqual(['completed'])
    await expect(app.send({ kind: 'switch', agent: 'nope', content: '' })).rejects.toMatchObject({
      message: 'Invalid agent type: nope',
    })
    await expect(app.send({ kind: 'switch', agent: 'universal', content: '' })).rejects.toMatchObject({
      message: "Agent 'universal' not found. Available agents: orchestrator, coder, architect, debug, ask",
    })
  })

  it('stay what a person chose until they say auto', async () => {
    await using app = await TestApplication.start()
    app.model.push(says('one'), says('two'), routes('ask'), says('three'))
    expect(summary(await app.send({ kind: 'message', content: 'a', agent: 'architect' }))).toEqual([
      'switched orchestrator>architect',
      'completed',
    ])
    expect(summary(await app.message('b'))).toEqual(['completed'])
    expect(summary(await app.send({ kind: 'message', content: 'c', agent: 'auto' }))).toEqual([
      'switched architect>orchestrator',
      'switched orchestrator>ask',
      'completed',
    ])
  })
})

describe('answers that end the turn by a tool', () => {
  it('become text: attempt_completion and a question', async () => {
    await using app = await TestApplication.start()
    app.model.push(routes('coder'), calls(['attempt_completion', { result: 'All done' }]))
    app.model.push(calls(['ask_followup_question', { question: 'Which?', suggestions: ['a', 'b'] }]))
    expect(summary(await app.message('go')).at(-1)).toBe('completed')
    await app.message('again')
    expect(await app.history()).toEqual([
      'user: go',
      'assistant: All done',
      'user: again',
      'assistant: Which?\n- a\n- b',
    ])
  })
})
