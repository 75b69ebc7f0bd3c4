import type OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { sampleRequest } from '../../../../test/contract/sample-request.ts'
import { type RequestBody, RequestWriter, toRequestBody } from './request-body.ts'

const to = { provider: 'openai-compatible', family: 'gpt' }

/** The official SDK's types are the judge of what we send: this does not compile when they disagree. */
const acceptedByOpenAI = (body: RequestBody): OpenAI.Chat.ChatCompletionCreateParams => body

describe('toRequestBody', () => {
  it('is what the official SDK would send', () => {
    const body = acceptedByOpenAI(toRequestBody('gpt-4o', { ...sampleRequest, temperature: 0.3 }, true, to))
    expect(body).toMatchObject({ model: 'gpt-4o', stream: true, temperature: 0.3 })
    expect(body.stream_options).toEqual({ include_usage: true })
    expect(body.tools?.[0]).toEqual({
      type: 'function',
      function: {
        name: 'read_file',
        description: 'Reads a file.',
        parameters: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
      },
    })
  })

  it('leaves out what was not asked for', () => {
    const body = toRequestBody('m', { ...sampleRequest, tools: [] }, false, to)
    expect(body).toEqual({
      model: 'm',
      stream: false,
      messages: [
        { role: 'system', content: 'You are a test.' },
        { role: 'user', content: 'hello' },
      ],
    })
  })

  it('marks for Claude what it may keep: system text, the ends of this request and of the one before', () => {
    const result = (callId: string) => ({
      role: 'tool' as const,
      parts: [{ type: 'tool-result' as const, callId, tool: 'read_file', text: 'x' }] as const,
    })
    const call = (callId: string) => ({
      role: 'assistant' as const,
      parts: [{ type: 'tool-call' as const, callId, tool: 'read_file', argumentsJson: '{}' }],
    })
    const user = { role: 'user' as const, parts: [{ type: 'text' as const, text: 'go' }] }
    const messages = [user, call('a'), result('a'), call('b'), result('b'), call('c'), result('c')]
    const control = { type: 'ephemeral' }
    const body = acceptedByOpenAI(
      toRequestBody('m', { ...sampleRequest, messages }, true, to, { marks: 'beside-results' }),
    )
    expect(body.messages[0]?.content).toEqual([{ type: 'text', text: 'You are a test.', cache_control: control }])
    expect(body.messages[1]?.content).toEqual([{ type: 'text', text: 'go', cache_control: control }])
    expect(body.messages.slice(2).map((message) => 'cache_control' in message)).toEqual([
      false,
      false,
      false,
      true,
      false,
      true,
    ])
    expect(body.messages.at(-1)).toMatchObject({ content: 'x', cache_control: control })
    const inside = toRequestBody('m', { ...sampleRequest, messages }, true, to, { marks: 'in-results' })
    expect(inside.messages.at(-1)?.content).toEqual([{ type: 'text', text: 'x', cache_control: control }])
    expect(JSON.stringify(inside).match(/ephemeral/g)).toHaveLength(4)
  })

  it('names the session where the server keeps requests of one together', () => {
    const request = { ...sampleRequest, cacheKey: 's1' }
    expect(toRequestBody('m', request, true, to, { takesKey: true }).prompt_cache_key).toBe('s1')
    expect(toRequestBody('m', request, true, to)).not.toHaveProperty('prompt_cache_key')
  })

  it('begins with the bytes of the request before it', () => {
    const text = (count: number): string => {
      const messages = [...sampleRequest.messages, ...sampleRequest.messages].slice(0, count)
      return JSON.stringify(toRequestBody('m', { ...sampleRequest, messages }, true, to))
    }
    expect(text(2).startsWith(text(1).slice(0, -']}'.length))).toBe(true)
  })
})

describe('RequestWriter', () => {
  it.each([
    ['with tools', sampleRequest, {}],
    ['without', { ...sampleRequest, tools: [], system: '' }, {}],
    ['with a temperature and a key', { ...sampleRequest, temperature: 0.3, cacheKey: 's1' }, { takesKey: true }],
    ['with marks', sampleRequest, { marks: 'beside-results' as const }],
  ] as const)('writes the same each time: %s', (_, request, caching) => {
    const writer = new RequestWriter('m', to)
    for (const streamed of [true, false, true]) {
      const body = JSON.stringify(toRequestBody('m', request, streamed, to, caching))
      expect(writer.write(request, streamed, caching)).toBe(body)
    }
  })
})
