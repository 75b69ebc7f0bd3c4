import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Stage, surfaces } from './stage.ts'

/** What the shipped IDE finds when the server was killed, or was told to end, and is there again. */
let stage: Stage
beforeEach(async () => {
  stage = await Stage.open()
})
afterEach(async () => {
  await stage?.[Symbol.asyncDispose]()
})

const plain = 'Hello from the scripted model.'

describe.each(surfaces)('the IDE, %s', (surface) => {
  const app = () => stage.ide(surface)

  const untilRunning = async (id: string) => {
    const state = async () => {
      const session = (await stage.ide('direct').session(id)) as { state?: string }
      return session.state
    }
    await expect.poll(state, { timeout: 10_000 }).toBe('running')
  }

  test('restores the chat and its approvals after a kill, and decides about them', async () => {
    const ids = [await app().create(), await app().create()] as const
    const calls: string[] = []
    const before: object[] = []
    for (const id of ids) {
      using socket = await app().connect(id)
      socket.say('first @coder #plain')
      await socket.until('assistant_message')
      socket.say('second #chain:read_file,write_file')
      const read = await socket.next()
      socket.send({ type: 'tool_result', call_id: read['call_id'], tool_name: 'read_file', result: { content: 'x' } })
      calls.push(String((await socket.next())['call_id']))
      before.push(await app().history(id))
    }
    await stage.server.restart('SIGKILL')

    const [accepted, rejected] = await Promise.all(ids.map((id) => app().open(id)))
    if (!accepted || !rejected) throw new Error('not opened')
    using first = accepted.socket
    using second = rejected.socket
    expect([await app().history(ids[0]), await app().history(ids[1])]).toEqual(before)
    expect(accepted.messages.map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'user',
      'assistant',
      'tool',
      'assistant',
    ])
    expect(accepted.approvals).toMatchObject([{ call_id: calls[0], tool_name: 'write_file' }])

    first.send({ type: 'tool_result', call_id: calls[0], tool_name: 'write_file', result: { success: true } })
    expect((await first.next())['content']).toContain('Done after 2 tool result(s)')
    const asked = stage.upstream.requests.length
    second.send({ type: 'tool_result', call_id: calls[1], tool_name: 'write_file', error: 'User rejected: no' })
    const sentence = 'Tool write_file was rejected by user.'
    expect(await second.next()).toMatchObject({ type: 'assistant_message', content: sentence, token: sentence })
    expect(stage.upstream.requests).toHaveLength(asked)
    for (const id of ids) expect(await app().approvals(id)).toEqual([])
    // Calls in the history are shown and never executed; an approval that waits is no frame.
    for (const socket of [first, second]) expect(socket.frames).toHaveLength(1)
  })

  test.each(['SIGKILL', 'SIGTERM'] as const)('%s in mid-answer: the chat is whole and goes on', async (signal) => {
    const id = await app().create()
    using socket = await app().connect(id)
    socket.say('first @coder #plain')
    await socket.until('assistant_message')
    socket.say('second #slow:20000')
    await untilRunning(id)
    await stage.server.restart(signal)
    // Told to end, it says so; killed, it cannot, and the Gateway speaks for it.
    if (surface !== 'direct' || signal === 'SIGTERM') expect(await socket.until('error')).toBeDefined()
    if (surface === 'direct') expect(await socket.closeCode()).toBe(signal === 'SIGTERM' ? 1012 : 1006)

    const { socket: again, messages } = await app().open(id)
    using reopened = again
    expect(messages.map(({ content }) => content)).toEqual(['first @coder #plain', plain, 'second #slow:20000'])
    reopened.say('third #plain')
    expect(await reopened.next()).toMatchObject({ type: 'assistant_message', content: plain })
    if (surface === 'direct') return
    // The Gateway keeps its socket; the IDE that never noticed goes on there.
    socket.say('fourth #plain')
    expect(await socket.until('assistant_message')).toMatchObject({ content: plain })
  })

  test('a call that was running when the server was killed is answered afterwards', async () => {
    const id = await app().create()
    using socket = await app().connect(id)
    socket.say('look @coder #read_file')
    const call = await socket.until('tool_call')
    await stage.server.restart('SIGKILL')
    using again = surface === 'direct' ? await app().connect(id) : undefined
    const client = again ?? socket
    // It only reads, so the one that connects is given it again.
    if (again) expect(await again.next()).toMatchObject({ type: 'tool_call', call_id: call['call_id'] })
    client.send({ type: 'tool_result', call_id: call['call_id'], tool_name: 'read_file', result: { content: 'x' } })
    expect((await client.until('assistant_message'))['content']).toContain('Done after 1 tool result(s)')
  })
})
