import type OpenAI from 'openai'
import { describe, expect, it } from 'vitest'
import { sampleRequest } from '../../../../test/contract/sample-request.ts'
import { type RequestBody, toRequestBody } from './request-body.ts'

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

  it('begins with the bytes of the request before it', () => {
    const text = (count: number): string => {
      const messages = [...sampleRequest.messages, ...sampleRequest.messages].slice(0, count)
      return JSON.stringify(toRequestBody('m', { ...sampleRequest, messages }, true, to))
    }
    expect(text(2).startsWith(text(1).slice(0, -']}'.length))).toBe(true)
  })
})
