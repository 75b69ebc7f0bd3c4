import type OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ModelRequest } from '../src/application/ports/language-model.ts'
import { type RequestBody, toRequestBody } from '../src/infrastructure/models/openai-compatible/request-body.ts'
import { exchange } from './exchange.ts'
import { type ScriptedUpstream, startScriptedUpstream } from './scripted-upstream.ts'
import { internalKey, ServerProcess } from './server-process.ts'

/** The types of the official SDK are the judge of what we send; they judge when the tests are type-checked. The second part sees that
 *  nothing goes out that those types do not know. */
type Params = OpenAI.Chat.ChatCompletionCreateParams
type MessageParam = OpenAI.Chat.ChatCompletionMessageParam
type AllKeys<T> = T extends unknown ? keyof T : never

const judged = (body: RequestBody): Params => body

const request: ModelRequest = {
  purpose: 'answer',
  system: 'You are an agent.',
  messages: [
    { role: 'user', parts: [{ type: 'text', text: 'Прочти README' }] },
    {
      role: 'assistant',
      parts: [
        { type: 'text', text: 'Reading.' },
        { type: 'tool-call', callId: 'call_1', tool: 'read_file', argumentsJson: '{"path": "README.md"}' },
      ],
    },
    { role: 'tool', parts: [{ type: 'tool-result', callId: 'call_1', tool: 'read_file', text: '# Title' }] },
    { role: 'assistant', parts: [] },
  ],
  tools: [{ name: 'read_file', description: 'Reads a file.', parameters: { type: 'object', properties: {} } }],
  temperature: 0.3,
}

test('the body that the adapter builds is one of the SDK', () => {
  const body = judged(toRequestBody('gpt-4o', request, true, { provider: 'openai-compatible', family: 'gpt' }))
  expect(body.messages.map((message) => message.role)).toEqual(['system', 'user', 'assistant', 'tool', 'assistant'])
  expect(body.stream_options).toEqual({ include_usage: true })
  for (const message of body.messages) expect(message).toHaveProperty('content')
})

const bodyKeys = ['model', 'messages', 'stream', 'stream_options', 'temperature', 'tools'] satisfies AllKeys<Params>[]
const messageKeys = ['role', 'content', 'name', 'tool_calls', 'tool_call_id'] satisfies AllKeys<MessageParam>[]

describe('what the server sends in a turn with a tool', () => {
  let upstream: ScriptedUpstream
  let server: ServerProcess
  beforeAll(async () => {
    upstream = await startScriptedUpstream()
    server = await ServerProcess.start({ env: { OPENAI_BASE_URL: `${upstream.url}/v1`, OPENAI_API_KEY: 'sk-test' } })
  })
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
    await upstream?.close()
  })

  async function send(message: object) {
    const body = JSON.stringify({ session_id: 'ot-1', message })
    const headers = { 'x-internal-auth': internalKey, 'content-type': 'application/json' }
    return (await exchange(server.url, { method: 'POST', path: '/agent/message/stream', headers, body }))?.body ?? ''
  }

  test('has the keys of the SDK and no others, with the key of the provider only', async () => {
    const asked = await send({ type: 'user_message', content: 'read it @coder #text_and_tool' })
    const call_id = /"call_id":"([^"]+)"/.exec(asked)?.[1]
    const answered = await send({ type: 'tool_result', call_id, tool_name: 'read_file', result: '# Title' })
    expect(answered).toContain('Done after 1 tool result(s). Last: # Title')
    expect(upstream.requests.map(({ kind }) => kind)).toEqual(['classifier', 'agent', 'agent'])
    for (const { body, authHeader, kind } of upstream.requests) {
      expect(authHeader).toBe('authorization')
      expect(bodyKeys).toEqual(expect.arrayContaining(Object.keys(body)))
      expect(body.stream).toBe(kind === 'agent')
      for (const message of body.messages) {
        expect(messageKeys).toEqual(expect.arrayContaining(Object.keys(message)))
        expect(message).toHaveProperty('content')
      }
    }
    const last = upstream.requests.at(-1)?.body.messages ?? []
    expect(last.map((message) => message.role)).toEqual(['system', 'user', 'assistant', 'tool'])
    expect(last[2]).toMatchObject({ content: 'Let me read it.' })
  })
})
