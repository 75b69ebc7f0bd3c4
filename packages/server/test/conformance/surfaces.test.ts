import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Frame } from '../socket/ide.ts'
import { Stage, surfaces } from './stage.ts'

/** The shipped IDE, frame by frame, on every surface it can be put before (CLIENTS 2 to 4). */
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]()
})

const plain = 'Hello from the scripted model.'
const success = { success: true, bytes_written: 12 }

describe.each(surfaces)('the IDE, %s', (surface) => {
  const isDirect = surface === 'direct'
  const app = () => stage.ide(surface)

  /** A new chat, opened as the IDE opens it. */
  async function begin() {
    const id = await app().create()
    const { socket, messages, approvals } = await app().open(id)
    expect([messages, approvals]).toEqual([[], []])
    return { id, socket }
  }

  /** A call that waits for a decision. */
  async function untilAsked() {
    const { id, socket } = await begin()
    socket.say('do it @coder #write_file')
    const call = await socket.until('tool_call')
    expect(call).toMatchObject({ tool_name: 'write_file', requires_approval: true })
    return { id, socket, call }
  }

  const running = async (id: string) => {
    const state = async () => {
      const { state } = (await stage.ide('direct').session(id)) as { state?: string }
      return state
    }
    await expect.poll(state, { timeout: 10_000 }).toBe('running')
  }

  const resultOf = (call: Frame, fields: object) => {
    return { type: 'tool_result', call_id: call['call_id'], tool_name: call['tool_name'], ...fields }
  }

  test('tests its connection', async () => {
    expect(await app().testConnection()).toBe(true)
  })

  test('chats: one bubble an answer, and the chat is in the list', async () => {
    const { id, socket: ide } = await begin()
    using socket = ide
    socket.say('hello @coder #plain')
    expect(await socket.next()).toMatchObject({
      type: 'agent_switched',
      metadata: { from_agent: 'orchestrator', to_agent: 'coder' },
    })
    expect(await socket.next()).toMatchObject({ type: 'assistant_message', content: plain, token: plain })
    const listed = (await app().list()).sessions.find((session) => session.id === id)
    expect(listed).toMatchObject({ session_id: id, message_count: 2, current_agent: 'coder' })
    expect(await app().session(id)).toMatchObject({ id, message_count: 2 })
    expect(await app().currentAgent(id)).toMatchObject({ current_agent: 'coder', switch_count: 1 })
    expect(socket.frames).toHaveLength(2)
  })

  test('chats under an id that nobody made', async () => {
    const id = `unknown-${surface}`
    const { socket: ide, messages } = await app().open(id)
    using socket = ide
    expect(messages).toEqual([])
    socket.say('hello @coder #plain')
    expect(await socket.until('assistant_message')).toMatchObject({ content: plain })
  })

  test('shows every character of an answer, whatever a reader takes for the end of a line', async () => {
    const { id, socket: ide } = await begin()
    using socket = ide
    const odd = 'a\u2028b\u2029c\u0085d\ve\ff\u001cg\u001dh\u001ei\rj\nk Привет 你好 🚀 "q" \\ #echo_last'
    socket.say(odd)
    expect((await socket.until('assistant_message'))['content']).toBe(`You said: ${odd}`)
    expect((await app().history(id)).messages.at(0)?.content).toBe(odd)
  })

  test('runs a tool and goes on with its result', async () => {
    const { id, socket: ide } = await begin()
    using socket = ide
    socket.say('look @coder #read_file')
    const call = await socket.until('tool_call')
    expect(call).toMatchObject({ arguments: { path: 'README.md' }, requires_approval: false })
    socket.send(resultOf(call, { result: { success: true, content: 'hi', lines_read: 1 } }))
    expect((await socket.next())['content']).toContain('Done after 1 tool result(s)')
    const { messages } = await app().history(id)
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'assistant'])
    expect(messages[1]?.tool_calls?.[0]?.function.name).toBe('read_file')
  })

  test('is never given a call without arguments: it would drop it', async () => {
    const { socket: ide } = await begin()
    using socket = ide
    socket.say('list @coder #no_args')
    expect((await socket.until('assistant_message'))['content']).toContain('The arguments of list_files are wrong')
    expect(socket.frames.filter(({ type }) => type === 'tool_call')).toEqual([])
  })

  test('approves by the result', async () => {
    const { id, socket: ide, call } = await untilAsked()
    using socket = ide
    expect(await app().approvals(id)).toMatchObject([{ call_id: call['call_id'], tool_name: 'write_file' }])
    socket.send(resultOf(call, { result: success }))
    expect(await socket.next()).toMatchObject({ type: 'assistant_message' })
    expect(await app().approvals(id)).toEqual([])
  })

  test('a live rejection: the model reads the localised reason and goes on', async () => {
    const { id, socket: ide, call } = await untilAsked()
    using socket = ide
    socket.send(resultOf(call, { error: 'Операция отклонена: write_file' }))
    expect((await socket.next())['content']).toContain('Error: Операция отклонена: write_file')
    expect(await app().approvals(id)).toEqual([])
  })

  test('decides by hitl_decision: the call comes again to be run', async () => {
    const { socket: ide, call } = await untilAsked()
    using socket = ide
    const edited = { path: 'src/other.py', content: 'x' }
    const decision = { type: 'hitl_decision', decision: 'edit', modified_arguments: edited }
    socket.send({ ...decision, call_id: call['call_id'] })
    const again = await socket.next()
    expect(again).toMatchObject({ call_id: call['call_id'], requires_approval: false, arguments: edited })
    socket.send(resultOf(again, { result: success }))
    expect(await socket.next()).toMatchObject({ type: 'assistant_message' })
  })

  test('switches by its menu, without a word to the model', async () => {
    const { id, socket: ide } = await begin()
    using socket = ide
    const asked = stage.upstream.requests.length
    socket.send({ type: 'switch_agent', agent_type: 'architect', content: 'Switched to Architect', reason: 'User' })
    expect(await socket.next()).toMatchObject({ type: 'agent_switched', metadata: { to_agent: 'architect' } })
    expect(stage.upstream.requests).toHaveLength(asked)
    const { messages, agent_history: changes } = await app().history(id)
    expect(messages).toEqual([])
    expect(changes).toMatchObject([{ from: 'orchestrator', to: 'architect' }])
  })

  test('several calls of one answer come one after the other', async () => {
    const { id, socket: ide } = await begin()
    using socket = ide
    socket.say('both @coder #two_tools')
    const first = await socket.until('tool_call')
    socket.send(resultOf(first, { result: { content: '1' } }))
    const second = await socket.next()
    expect([first['tool_name'], second['tool_name']]).toEqual(['read_file', 'list_files'])
    socket.send(resultOf(second, { result: { items: [], total_count: 0 } }))
    expect((await socket.next())['content']).toContain('Done after 2 tool result(s)')
    expect((await app().history(id)).message_count).toBe(5)
  })

  test('a failure of the model is said, and the chat goes on', async () => {
    const { socket: ide } = await begin()
    using socket = ide
    socket.say('fail @coder #error:400')
    expect((await socket.until('error'))['content']).toBe('LLM request failed: upstream returned 400')
    socket.say('again #plain')
    expect(await socket.next()).toMatchObject({ content: plain })
  })

  test('a result of 1 MB, and one of 6 MB', async () => {
    const { id, socket: ide } = await begin()
    using socket = ide
    socket.say('two @coder #chain:read_file,read_file')
    for (const megabytes of [1, 6]) {
      const call = await socket.until('tool_call')
      const content = 'зeile\n'.repeat((megabytes * 1024 * 1024) / 7)
      socket.send(resultOf(call, { result: { success: true, content, lines_read: 1 } }))
    }
    expect((await socket.next())['content']).toContain('Done after 2 tool result(s)')
    expect((await app().history(id)).messages).toHaveLength(6)
  })

  test('a result that is too long is refused in band, and a shorter one taken', async () => {
    const { socket: ide } = await begin()
    using socket = ide
    socket.say('one @coder #read_file')
    const call = await socket.until('tool_call')
    socket.send(resultOf(call, { result: { content: 'x'.repeat(9 * 1024 * 1024) } }))
    expect((await socket.next())['content']).toContain('result is longer than 8 MiB')
    socket.send(resultOf(call, { result: { content: 'x' } }))
    expect(await socket.next()).toMatchObject({ type: 'assistant_message' })
  })

  test('what is said while a turn runs is answered after it', async () => {
    const { socket: ide } = await begin()
    using socket = ide
    socket.say('one @coder #slow:400')
    socket.say('two #count')
    expect((await socket.until('assistant_message'))['content']).toBe('Slow answer.')
    expect((await socket.next())['content']).toContain('messages=4')
  })

  test('cancels, where it can', async () => {
    const { id, socket: ide } = await begin()
    using socket = ide
    socket.say(`wait @coder #slow:${isDirect ? 20_000 : 400}`)
    await running(id)
    socket.send({ type: 'cancel' })
    if (isDirect) expect(await socket.until('error')).toMatchObject({ code: 'cancelled' })
    // A Gateway reads no frame while a turn streams, and does not know this one.
    else {
      expect(await socket.until('assistant_message')).toMatchObject({ content: 'Slow answer.' })
      expect(await socket.next()).toEqual({ type: 'error', content: 'Unknown message type: cancel' })
    }
    socket.say('and now #plain')
    expect(await socket.until('assistant_message')).toMatchObject({ content: plain })
  })

  test('is told what is no frame, and goes on', async () => {
    const { socket: ide } = await begin()
    using socket = ide
    const frames = ['{oops', '[1]', '"x"', 'null', '{"type":"banana"}', '{"type":"tool_result","result":1}']
    for (const text of frames) {
      socket.sendText(text)
      const { content } = await socket.next()
      expect(content).toMatch(text.includes('banana') ? /^Unknown message type: banana$/ : /^Invalid JSON message: /)
    }
    socket.say('still there? @coder #plain')
    expect(await socket.until('assistant_message')).toMatchObject({ content: plain })
  })

  test('a result that comes twice is answered in band, and the model is asked once', async () => {
    const { id, socket: ide } = await begin()
    using socket = ide
    socket.say(`look @coder #read_file ${id}`)
    const call = await socket.until('tool_call')
    socket.send(resultOf(call, { result: { content: 'once' } }))
    expect(await socket.next()).toMatchObject({ type: 'assistant_message' })
    const asked = stage.askedAbout(id)
    socket.send(resultOf(call, { result: { content: 'twice' } }))
    expect(['error', 'assistant_message']).toContain((await socket.next()).type)
    expect(stage.askedAbout(id)).toBe(asked)
    expect((await app().history(id)).messages).toHaveLength(4)
  })

  test('two on one session: one is shown the turn, both have it, either answers', async () => {
    const { id, socket: ide } = await begin()
    using socket = ide
    using other = await app().connect(id)
    socket.say('do it @coder #write_file')
    const call = await socket.until('tool_call')
    const [approval] = await app().approvals(id)
    other.send(resultOf({ type: 'tool_call', ...approval }, { result: success }))
    expect(await other.next()).toMatchObject({ type: 'assistant_message' })
    socket.send(resultOf(call, { error: 'Операция отклонена: write_file' }))
    expect(await socket.next()).toMatchObject({ type: 'error' })
    const { messages } = await app().history(id)
    expect(messages.filter(({ role }) => role === 'tool')).toMatchObject([
      { content: expect.stringContaining('"bytes_written": 12') },
    ])
    expect(other.frames).toHaveLength(1)
  })

  test('leaves in mid-answer: the answer is there when it comes back', async () => {
    const { id, socket } = await begin()
    socket.say('wait @coder #slow:400')
    await running(id)
    socket[Symbol.dispose]()
    const contents = async () => (await app().history(id)).messages.map(({ content }) => content)
    await expect.poll(contents, { timeout: 10_000 }).toEqual(['wait @coder #slow:400', 'Slow answer.'])
    using again = await app().connect(id)
    again.say('more #plain')
    expect(await again.next()).toMatchObject({ content: plain })
  })

  test('renames and deletes a chat, where it can', async () => {
    const { id, socket } = await begin()
    socket[Symbol.dispose]()
    expect(await app().status(`/sessions/${id}`, 'PATCH', { title: 'New' })).toBe(isDirect ? 200 : 404)
    if (isDirect) expect(await app().session(id)).toMatchObject({ title: 'New' })
    expect(await app().status(`/sessions/${id}`, 'DELETE')).toBe(isDirect ? 200 : 404)
    expect(await app().status(`/sessions/${id}/history`)).toBe(isDirect ? 404 : 200)
  })

  test.runIf(isDirect)('reads the agents', async () => {
    expect((await app().agents()).map(({ type }) => type)).toContain('coder')
  })
})
