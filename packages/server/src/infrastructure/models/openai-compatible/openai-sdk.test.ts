import OpenAI from 'openai'
import { Agent } from 'undici'
import { describe, expect, it } from 'vitest'
import { collect, partsOf } from '../../../../test/contract/language-model.ts'
import { roomyLimits, sampleRequest } from '../../../../test/contract/sample-request.ts'
import { startUpstream, streamFixture } from '../../../../test/contract/scripted-server.ts'
import { createOpenAICompatibleModel } from './adapter.ts'
import { toRequestBody } from './request-body.ts'

/** The official SDK's reader of streams against ours, on the same bytes. */
describe('the official SDK and this adapter', () => {
  it.each([
    'openai-text',
    'openai-tool-calls',
    'openai-text-and-tool-call',
    'openai-length',
    'deepseek-reasoning-tool-call',
  ])('read %s to the same answer', async (name) => {
    const upstream = await startUpstream(() => ({ pieces: [streamFixture(name)] }))
    const dispatcher = new Agent()
    const baseUrl = `${upstream.url}/v1`
    try {
      const client = new OpenAI({ apiKey: 'k', baseURL: baseUrl, maxRetries: 0 })
      const body = toRequestBody('gpt-4o', sampleRequest, true, { provider: 'openai-compatible', family: 'gpt' })
      const theirs = client.chat.completions.stream({ ...body, stream: true })
      const { choices } = await theirs.finalChatCompletion()
      const usage = await theirs.totalUsage()
      const [choice] = choices

      const model = createOpenAICompatibleModel({
        provider: 'openai-compatible',
        baseUrl,
        model: 'gpt-4o',
        headers: { authorization: 'Bearer k' },
        limits: roomyLimits,
        streaming: 'auto',
        dispatcher,
      })
      const events = await collect(model, sampleRequest)
      const ours = partsOf(events)

      expect(ours.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('')).toBe(
        choice?.message.content ?? '',
      )
      const ourCalls = ours.flatMap((part) => (part.type === 'tool-call' ? [part] : []))
      const theirCalls = (choice?.message.tool_calls ?? []).flatMap((call) => (call.type === 'function' ? [call] : []))
      expect(ourCalls.map(({ callId, tool, argumentsJson }) => [callId, tool, argumentsJson])).toEqual(
        theirCalls.map((call) => [call.id, call.function.name, call.function.arguments]),
      )
      expect(events.find(({ type }) => type === 'usage')).toMatchObject({
        usage: { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens },
      })
      expect(events.at(-1)).toMatchObject({ reason: choice?.finish_reason.replace('_', '-') })

      // And the server cannot tell the two apart by what they ask.
      const [their, our] = upstream.requests
      expect(our?.path).toBe(their?.path)
      expect(our?.headers.authorization).toBe(their?.headers.authorization)
      expect(our?.body).toEqual(their?.body)
    } finally {
      await dispatcher.destroy()
      await upstream.close()
    }
  })
})
