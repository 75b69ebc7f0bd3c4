import { afterAll, beforeAll, expect, test } from 'vitest'
import { CliChat } from './cli-chat.ts'
import { Stage } from './stage.ts'

/** `cli_chat.py`, which never asks, on the one session it knows. */
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
})
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]()
})

const history = () => stage.ide('direct').history('cli-session')

test('chats under its fixed id: every answer is printed once', async () => {
  using chat = await CliChat.open(stage.server.url)
  expect(await chat.say('hello @coder #plain')).toBe('Hello from the scripted model.\n')
  expect(await chat.say('more #stream')).toBe('One two three four five six seven eight nine ten.\n')
})

test('answers every call at once: one that only reads, several, and one that waits for an approval', async () => {
  using chat = await CliChat.open(stage.server.url)
  expect(await chat.say('read #read_file')).toContain('Last: {"response": "Auto-executed read_file"}')
  expect(await chat.say('both #two_tools')).toContain('Done after 2 tool result(s)')
  expect(await chat.say('write #chain:read_file,write_file,execute_command')).toContain('Done after 3 tool result(s)')
  expect(chat.calls).toEqual(['read_file', 'read_file', 'list_files', 'read_file', 'write_file', 'execute_command'])
  expect(await stage.ide('direct').approvals('cli-session')).toEqual([])
})

test('prints what went wrong, and goes on', async () => {
  using chat = await CliChat.open(stage.server.url)
  expect(await chat.say('fail #error:400')).toBe('Error: LLM request failed: upstream returned 400\n')
  expect(await chat.say('go on #plain')).toBe('Hello from the scripted model.\n')
})

test('types ahead: the lines are answered in order', async () => {
  using chat = await CliChat.open(stage.server.url)
  await Promise.all([chat.say('one #slow:300'), chat.say('two #echo_last'), chat.say('three #stream')])
  await chat.until(() => chat.printed.split('\n').length === 4)
  expect(chat.printed.split('\n')).toEqual([
    'Slow answer.',
    'You said: two #echo_last',
    'One two three four five six seven eight nine ten.',
    '',
  ])
})

test('two of them on its session: each prints its own answers, the session has both', async () => {
  using first = await CliChat.open(stage.server.url)
  using second = await CliChat.open(stage.server.url)
  const said = await Promise.all([first.say('first #echo_last'), second.say('second #echo_last')])
  expect(said).toEqual(['You said: first #echo_last\n', 'You said: second #echo_last\n'])
  const { messages } = await history()
  expect(messages.slice(-4).filter(({ content }) => content?.startsWith('You said'))).toHaveLength(2)
})

test('a restart in mid-answer: it is told and leaves; a new one goes on with the session', async () => {
  using chat = await CliChat.open(stage.server.url)
  const cut = chat.say('wait #slow:20000')
  await expect.poll(async () => (await history()).messages.at(-1)?.content).toBe('wait #slow:20000')
  const restarted = stage.server.restart()
  expect(await cut).toBe('Error: The server is shutting down\n')
  await chat.until(() => chat.isOver)
  await restarted
  using again = await CliChat.open(stage.server.url)
  expect(await again.say('go on #plain')).toBe('Hello from the scripted model.\n')
})
