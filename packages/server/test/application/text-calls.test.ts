import { afterEach, beforeEach, expect, test } from 'vitest'
import { routes, says } from '../fakes/scripted-model.ts'
import { client, events, owner, summary, TestApplication } from './start-application.ts'

let app: TestApplication
beforeEach(async () => {
  app = await TestApplication.start()
})
afterEach(() => app[Symbol.asyncDispose]())

const call = '{"name": "read_file", "arguments": {"path": "a.py"}}'
const deltas = { client: client(['deltas']) }

test('a call that came as text is run like any other, and marked', async () => {
  app.model.push(routes('coder'), says('<tool_', 'call>', call, '</tool_call>'), says('It holds 1.'))
  const frames = await app.message('read a.py', deltas)
  expect(summary(frames)).toEqual(['switched orchestrator>coder', 'call read_file', 'awaiting_tool'])
  const created = events(frames).find((event) => event.type === 'tool_call.created')
  expect(created?.facts).toMatchObject({ tool: 'read_file', inText: true })
  // Nobody is shown the raw text.
  expect(frames.filter((frame) => frame.kind === 'text')).toEqual([])
  const { sid } = await app.application.sessions.get({ ownerId: owner, sessionId: 's1' })
  const rows = await app.store.unitOfWork.read((tx) => tx.modelCalls.list(sid, 'answer', 10))
  expect(rows).toMatchObject([{ callsInText: true, toolCalls: 1 }])

  const callId = created && 'callId' in created.facts ? created.facts.callId : ''
  await app.send({ kind: 'tool_result', callId, result: 'x = 1' }, deltas)
  expect(await app.history()).toEqual([
    'user: read a.py',
    `assistant: read_file(${callId})`,
    'tool: x = 1',
    'assistant: It holds 1.',
  ])
  expect(app.model.calls.at(-1)?.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool'])
})

test('a call that cannot be read ends with the cause and what to do', async () => {
  app.model.push(routes('coder'), says('Looking.\n<tool_call>{"name": "read_file", "arguments": {path}}</tool_call>'))
  const frames = await app.message('read a.py')
  const ended = events(frames).find((event) => event.type === 'run.ended')
  expect(ended?.facts).toMatchObject({
    error: {
      code: 'upstream_bad_response',
      text: expect.stringContaining('wrote a call of read_file as text, and it cannot be read'),
    },
  })
  expect(ended?.facts).toMatchObject({ error: { text: expect.stringContaining('--enable-auto-tool-choice') } })
  expect(await app.state()).toBe('idle')
})

test('JSON that is shown to a person is shown, all of it', async () => {
  const answer = `Send this:\n\`\`\`json\n${call}\n\`\`\``
  app.model.push(routes('coder'), says(answer), says('{"name": ', '"codelab"}'))
  expect(summary(await app.message('which call?'))).toContain('completed')
  const frames = await app.message('package.json?', deltas)
  expect(summary(frames)).toEqual(['completed'])
  expect(await app.history()).toEqual([
    'user: which call?',
    `assistant: ${answer}`,
    'user: package.json?',
    'assistant: {"name": "codelab"}',
  ])
})
