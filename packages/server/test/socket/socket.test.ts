import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exchange } from '../exchange.ts'
import { type ScriptedUpstream, startScriptedUpstream } from '../scripted-upstream.ts'
import { internalKey, ServerProcess } from '../server-process.ts'
import { Ide } from './ide.ts'

let upstream: ScriptedUpstream
let server: ServerProcess
beforeAll(async () => {
  upstream = await startScriptedUpstream()
  const env = { AGENT_RUNTIME__LLM_PROXY_URL: upstream.url, CODELAB_ALLOWED_HOSTS: 'codelab.example' }
  server = await ServerProcess.start({ env })
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await upstream?.close()
})

const at = (id: string, more = '') => `${server.url}/api/v1/ws/${id}${more}`

async function get(path: string) {
  const got = await exchange(server.url, { method: 'GET', path, headers: { 'x-internal-auth': internalKey } })
  return { status: got?.status, body: JSON.parse(got?.body ?? 'null') }
}

describe('a chat on the socket', () => {
  test('shows one bubble an answer, both texts filled, and no frame that the IDE does not know', async () => {
    using ide = await Ide.open(at('chat-1'))
    ide.say('hello @coder #stream')
    expect(await ide.next()).toMatchObject({ type: 'agent_switched', metadata: { to_agent: 'coder' } })
    const text = 'One two three four five six seven eight nine ten.'
    expect(await ide.next()).toEqual({
      type: 'assistant_message',
      content: text,
      token: text,
      is_final: true,
      requires_approval: false,
    })
    expect(ide.frames).toHaveLength(2)
  })

  test('runs a tool, and an approval by its result', async () => {
    using ide = await Ide.open(at('chat-2'))
    ide.say('do it @coder #chain:read_file,write_file')
    const read = await ide.until('tool_call')
    expect(read).toMatchObject({ tool_name: 'read_file', requires_approval: false })
    ide.send({ type: 'tool_result', call_id: read['call_id'], tool_name: 'read_file', result: { content: 'x' } })
    const write = await ide.next()
    expect(write).toMatchObject({ type: 'tool_call', tool_name: 'write_file', requires_approval: true })
    expect((await get('/api/v1/sessions/chat-2/pending-approvals')).body.count).toBe(1)
    ide.send({ type: 'tool_result', call_id: write['call_id'], tool_name: 'write_file', result: { success: true } })
    expect(await ide.next()).toMatchObject({ type: 'assistant_message', is_final: true })
    expect((await get('/api/v1/sessions/chat-2/pending-approvals')).body.count).toBe(0)
  })

  test('ends the turn when a restored approval is rejected in the words of the IDE', async () => {
    using ide = await Ide.open(at('chat-3'))
    ide.say('do it @coder #write_file')
    const write = await ide.until('tool_call')
    ide.send({ type: 'tool_result', call_id: write['call_id'], tool_name: 'write_file', error: 'User rejected: no' })
    const said = await ide.next()
    expect(said).toMatchObject({
      type: 'assistant_message',
      is_final: true,
      token: 'Tool write_file was rejected by user.',
    })
  })

  test('takes the decisions of the documents, in any case', async () => {
    using ide = await Ide.open(at('chat-4'))
    ide.say('do it @coder #write_file')
    const write = await ide.until('tool_call')
    ide.send({ type: 'hitl_decision', call_id: write['call_id'], decision: 'APPROVE' })
    expect(await ide.next()).toMatchObject({ type: 'tool_call', call_id: write['call_id'], requires_approval: false })
  })

  test('switches an agent by its other name', async () => {
    using ide = await Ide.open(at('chat-5'))
    ide.send({ type: 'switch_agent', agent_type: 'CODE', content: 'Switched to Coder' })
    const frame = await ide.next()
    const agents = { from_agent: 'orchestrator', to_agent: 'coder', reason: 'User requested' }
    expect(frame).toMatchObject({ type: 'agent_switched', ...agents, metadata: agents })
  })

  test('queues frames that come while a turn runs, and cancels', async () => {
    using ide = await Ide.open(at('chat-6'))
    ide.say('one @coder #slow:300')
    ide.say('two #count')
    expect((await ide.until('assistant_message'))['content']).toBe('Slow answer.')
    expect((await ide.until('assistant_message'))['content']).toContain('messages=4')
    ide.say('three #slow:20000')
    while ((await get('/api/v1/sessions/chat-6')).body.state !== 'running') await new Promise((r) => setTimeout(r, 10))
    ide.send({ type: 'cancel' })
    expect(await ide.until('error')).toMatchObject({ code: 'cancelled' })
  })

  test('answers what is no frame, and stays open', async () => {
    using ide = await Ide.open(at('chat-7'))
    for (const text of [
      '{oops',
      '[]',
      '"x"',
      '{"type":"banana"}',
      '{"type":"tool_result"}',
      '{"type":"hitl_decision","call_id":"x","decision":"maybe"}',
    ]) {
      ide.sendText(text)
      const { content, error } = await ide.next()
      expect(content).toBe(error)
    }
    ide.say('still there? @coder #plain')
    expect(await ide.until('assistant_message')).toMatchObject({ is_final: true })
  })
})

describe('several clients', () => {
  test('a second socket answers what the first was given', async () => {
    using first = await Ide.open(at('many-1'))
    using second = await Ide.open(at('many-1'))
    first.say('do it @coder #write_file')
    const write = await first.until('tool_call')
    second.send({ type: 'hitl_decision', call_id: write['call_id'], decision: 'approve' })
    expect(await second.next()).toMatchObject({ type: 'tool_call', call_id: write['call_id'] })
    first.send({ type: 'hitl_decision', call_id: write['call_id'], decision: 'approve' })
    expect(await first.next()).toMatchObject({ type: 'error', code: 'approval_not_pending' })
  })

  test('what another client approves comes to the one that runs the tools', async () => {
    using desk = await Ide.open(at('many-2'))
    desk.send({ type: 'hello', client: { id: 'desk', name: 'desk', tools: ['read_file', 'write_file'] } })
    expect(await desk.next()).toMatchObject({ type: 'hello', state: 'idle', last_seq: 0 })
    desk.say('do it @coder #write_file')
    const write = await desk.until('tool_call')
    using phone = await Ide.open(at('many-2'))
    phone.send({ type: 'hello', client: { id: 'phone', name: 'phone', tools: [] } })
    expect((await phone.next())['pending_approvals']).toHaveLength(1)
    phone.send({ type: 'hitl_decision', call_id: write['call_id'], decision: 'approve' })
    expect(await phone.next()).toMatchObject({ type: 'approval_decided', decision: 'approve' })
    expect(await desk.next()).toMatchObject({ type: 'tool_call', call_id: write['call_id'], requires_approval: false })
    expect(phone.frames.filter(({ type }) => type === 'tool_call')).toEqual([])
  })

  test('an open call that only reads is handed out on reconnect; one that writes never twice', async () => {
    {
      using ide = await Ide.open(at('again-1'))
      ide.say('do it @coder #chain:read_file,write_file')
      await ide.until('tool_call')
    }
    using ide = await Ide.open(at('again-1'))
    const read = await ide.next()
    expect(read).toMatchObject({ type: 'tool_call', tool_name: 'read_file' })
    using other = await Ide.open(at('again-1'))
    ide.send({ type: 'tool_result', call_id: read['call_id'], result: 'x' })
    const write = await ide.next()
    ide.send({ type: 'hitl_decision', call_id: write['call_id'], decision: 'approve' })
    expect(await ide.next()).toMatchObject({ tool_name: 'write_file', requires_approval: false })
    ide.leave()
    await ide.closeCode()
    using again = await Ide.open(at('again-1'))
    again.say('go on #plain')
    expect(await again.next()).toMatchObject({ type: 'assistant_message' })
    expect(other.frames).toEqual([])
  })
})

describe('who may open a socket', () => {
  test.each([
    ['a web page', { origin: 'https://evil.example' }],
    ['a forged name', { host: 'evil.example:8000' }],
    ['a web page of this machine', { origin: 'http://localhost:3000' }],
  ])('not %s', async (_, headers) => {
    await expect(Ide.open(at('gate-1'), headers)).rejects.toThrow('refused: 403')
  })

  test('with the key a client may come by a name that is allowed, in a header, the query or a sub-protocol', async () => {
    const host = { host: 'codelab.example' }
    using byHeader = await Ide.open(at('gate-2'), { ...host, 'x-internal-auth': internalKey })
    using byQuery = await Ide.open(at('gate-2', `?token=${internalKey}`), host)
    using byProtocol = await Ide.open(at('gate-2'), host, ['bearer', internalKey])
    for (const ide of [byHeader, byQuery, byProtocol]) {
      ide.sendText('{"type":"banana"}')
      expect(await ide.next()).toMatchObject({ type: 'error' })
    }
    await expect(Ide.open(at('gate-2', '?token=wrong'), host)).rejects.toThrow('refused: 401')
  })

  test('a plain request is told what is here', async () => {
    const { status, body } = await get('/api/v1/ws/gate-3')
    expect(status).toBe(404)
    expect(body.detail).toBe('Here is a WebSocket: connect with ws:// or wss://')
  })

  test('in mode session-capability who knows the id of a session that was made with the key', async () => {
    await using strict = await ServerProcess.start({
      env: { AGENT_RUNTIME__LLM_PROXY_URL: upstream.url, CODELAB_SOCKET_ACCESS: 'session-capability' },
    })
    const made = await exchange(strict.url, {
      method: 'POST',
      path: '/api/v1/sessions',
      headers: { 'x-internal-auth': internalKey },
    })
    const { id } = JSON.parse(made?.body ?? '{}') as { id: string }
    using ide = await Ide.open(`${strict.url}/api/v1/ws/${id}`)
    ide.say('hi @coder #plain')
    expect(await ide.until('assistant_message')).toMatchObject({ is_final: true })
    await expect(Ide.open(`${strict.url}/api/v1/ws/${crypto.randomUUID()}`)).rejects.toThrow('refused: 401')
    await expect(Ide.open(`${strict.url}/api/v1/ws/cli-session`)).rejects.toThrow('refused: 401')
  })
})

describe('the ends of a socket', () => {
  test('a frame that is too long closes it', async () => {
    using ide = await Ide.open(at('end-1'))
    ide.sendText('x'.repeat(18 * 1024 * 1024))
    expect(await ide.closeCode()).toBe(1009)
  })

  test('a restart in mid-answer: a typed error, close 1012, and everything is there afterwards', async () => {
    await using own = await ServerProcess.start({
      env: { AGENT_RUNTIME__LLM_PROXY_URL: upstream.url, CODELAB_SHUTDOWN_MS: '200' },
    })
    using ide = await Ide.open(`${own.url}/api/v1/ws/end-2`)
    ide.say('first @coder #plain')
    await ide.until('assistant_message')
    ide.say('second #slow:20000')
    const state = async () => {
      const got = await exchange(own.url, {
        method: 'GET',
        path: '/api/v1/sessions/end-2',
        headers: { 'x-internal-auth': internalKey },
      })
      return JSON.parse(got?.body ?? '{}').state
    }
    while ((await state()) !== 'running') await new Promise((r) => setTimeout(r, 10))
    const restarted = own.restart()
    expect(await ide.until('error')).toMatchObject({ code: 'shutting_down' })
    expect(await ide.closeCode()).toBe(1012)
    await restarted
    const history = await exchange(own.url, {
      method: 'GET',
      path: '/api/v1/sessions/end-2/history',
      headers: { 'x-internal-auth': internalKey },
    })
    const messages = JSON.parse(history?.body ?? '{}').messages as { content: string }[]
    expect(messages.map(({ content }) => content)).toEqual([
      'first @coder #plain',
      'Hello from the scripted model.',
      'second #slow:20000',
    ])
    using again = await Ide.open(`${own.url}/api/v1/ws/end-2`)
    again.say('third #plain')
    expect(await again.until('assistant_message')).toMatchObject({ content: 'Hello from the scripted model.' })
  })
})
