import { Agent } from 'undici'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { collect, collectUntilThrown, partsOf, textOf } from '../../../../test/contract/language-model.ts'
import { roomyLimits, sampleRequest } from '../../../../test/contract/sample-request.ts'
import { json, type Reply, startUpstream, streamFixture } from '../../../../test/contract/scripted-server.ts'
import type { AssistantPart, Message } from '../../../domain/message.ts'
import { type AnthropicOptions, createAnthropicModel } from './anthropic.ts'

// Every answer here is scripted to the documented format of Anthropic's Messages API (streaming, extended thinking, tool use). None was
// recorded from the service.

const signature = 'EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pkiMOYds+/='
const redacted = 'EmwKAhgBEgy3va3pzix/LafPsn4aDFIT2Xlxh0L5L8rLVyIwxtE3rAFBa8cr3qpPkNRj2YfWXGmKDxH4mPnZ5sQ7vB'
const toClose: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close()
})

async function start(reply: Reply, options: Partial<AnthropicOptions> = {}) {
  const upstream = await startUpstream(() => reply)
  const dispatcher = new Agent()
  toClose.push(
    () => upstream.close(),
    () => dispatcher.destroy(),
  )
  const model = createAnthropicModel({
    apiKey: 'k',
    baseUrl: `${upstream.url}/v1`,
    model: 'claude-sonnet-4-20250514',
    limits: roomyLimits,
    thinkingBudget: 2_000,
    dispatcher,
    ...options,
  })
  const bodies = () => upstream.requests.map(({ body }) => body as Body)
  return { upstream, model, bodies }
}

interface Body {
  messages: { role: string; content: { type: string; [field: string]: unknown }[] }[]
  [field: string]: unknown
}

function next(parts: readonly AssistantPart[], callId = 'toolu_01'): Message[] {
  const result = { type: 'tool-result', callId, tool: 'read_file', text: '# Title' } as const
  return [...sampleRequest.messages, { role: 'assistant', parts }, { role: 'tool', parts: [result] }]
}

const lastContent = (bodies: readonly Body[]) =>
  bodies.at(-1)?.messages.find(({ role }) => role === 'assistant')?.content

describe('a turn with thinking and a tool', () => {
  const thinking = { pieces: [streamFixture('anthropic-thinking-tool-call')] }

  it('becomes parts with what belongs to them', async () => {
    const { model } = await start(thinking)
    const from = { provider: 'anthropic', family: 'claude' }
    const events = await collect(model, sampleRequest)
    expect(partsOf(events)).toMatchObject([
      {
        type: 'reasoning',
        text: 'I need the file.',
        opaque: { ...from, json: JSON.stringify({ anthropic: { signature } }) },
      },
      {
        type: 'reasoning',
        text: '',
        opaque: { ...from, json: JSON.stringify({ anthropic: { redactedData: redacted } }) },
      },
      { type: 'text', text: 'Let me read it.' },
      { type: 'tool-call', callId: 'toolu_01', tool: 'read_file', argumentsJson: '{"path": "README.md"}' },
    ])
    expect(events.slice(-2)).toEqual([
      { type: 'usage', usage: { inputTokens: 100, cachedTokens: 70, outputTokens: 60, reasoningTokens: 0 } },
      { type: 'finish', reason: 'tool-calls', model: 'claude-sonnet-4-20250514' },
    ])
    expect(events.filter(({ type }) => type === 'tool-call-delta')).toEqual([
      { type: 'tool-call-delta', index: 0, tool: 'read_file', argumentsDelta: '' },
      { type: 'tool-call-delta', index: 0, argumentsDelta: '{"path": "READ' },
      { type: 'tool-call-delta', index: 0, argumentsDelta: 'ME.md"}' },
    ])
  })

  it('goes on with the thinking unchanged and before the call', async () => {
    const { model, bodies } = await start(thinking)
    const parts = partsOf(await collect(model, sampleRequest))
    await collect(model, { ...sampleRequest, messages: next(parts) })
    expect(lastContent(bodies())).toEqual([
      { type: 'thinking', thinking: 'I need the file.', signature },
      { type: 'redacted_thinking', data: redacted },
      { type: 'text', text: 'Let me read it.' },
      { type: 'tool_use', id: 'toolu_01', name: 'read_file', input: { path: 'README.md' } },
    ])
    const [first, second] = bodies()
    expect(first).toMatchObject({ thinking: { type: 'enabled', budget_tokens: 2_000 } })
    expect(second).toMatchObject({ thinking: { type: 'enabled', budget_tokens: 2_000 } })
    expect(second?.messages.at(-1)).toMatchObject({
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 'toolu_01', content: '# Title' }],
    })
  })

  it('leaves the thinking of another provider out, and does not think in the middle of its turn', async () => {
    const { model, bodies } = await start(thinking)
    const parts = partsOf(await collect(model, sampleRequest)).map((part) =>
      part.opaque ? { ...part, opaque: { ...part.opaque, provider: 'openai-compatible' } } : part,
    )
    await collect(model, { ...sampleRequest, messages: next(parts) })
    expect(lastContent(bodies())?.map(({ type }) => type)).toEqual(['text', 'tool_use'])
    expect(JSON.stringify(bodies().at(-1))).not.toContain(signature)
    expect(bodies().at(-1)).not.toHaveProperty('thinking')
  })

  it('thinks again once the user has spoken, and not for the routing call', async () => {
    const { model, bodies } = await start(thinking)
    const call: AssistantPart = { type: 'tool-call', callId: 'toolu_01', tool: 'read_file', argumentsJson: '{}' }
    const messages: Message[] = [...next([call]), ...sampleRequest.messages]
    await collect(model, { ...sampleRequest, messages })
    await collect(model, { ...sampleRequest, purpose: 'classify', temperature: 0.3 })
    expect(bodies()[0]).toHaveProperty('thinking')
    expect(bodies()[1]).not.toHaveProperty('thinking')
    expect(bodies()[1]).toMatchObject({ temperature: 0.3 })
  })

  it('sends system, tools and key', async () => {
    const { model, bodies, upstream } = await start(thinking)
    await collect(model, sampleRequest)
    expect(upstream.requests[0]).toMatchObject({ path: '/v1/messages', headers: { 'x-api-key': 'k' } })
    expect(bodies()[0]).toMatchObject({
      model: 'claude-sonnet-4-20250514',
      stream: true,
      system: [{ type: 'text', text: 'You are a test.' }],
      tools: [
        { name: 'read_file', input_schema: { type: 'object' } },
        { name: 'list_files' },
        { name: 'search_in_code' },
      ],
    })
  })

  it('sends a call whose arguments are no object as one without', async () => {
    const { model, bodies } = await start(thinking)
    const call: AssistantPart = {
      type: 'tool-call',
      callId: 'toolu_01',
      tool: 'read_file',
      argumentsJson: '{"path": "REA',
    }
    await collect(model, { ...sampleRequest, messages: next([call]) })
    expect(lastContent(bodies())).toEqual([{ type: 'tool_use', id: 'toolu_01', name: 'read_file', input: {} }])
  })
})

describe('a stream', () => {
  it('is the same byte by byte', async () => {
    const bytes = streamFixture('anthropic-thinking-tool-call')
    const { model } = await start({ pieces: [...bytes].map((byte) => Uint8Array.of(byte)) })
    const { model: whole } = await start({ pieces: [bytes] })
    expect(partsOf(await collect(model, sampleRequest))).toEqual(partsOf(await collect(whole, sampleRequest)))
  })

  it('may be slow for as long as it goes on', async () => {
    const pieces = streamFixture('anthropic-text')
      .toString('utf8')
      .split(/(?<=\n\n)/)
    const { model } = await start({ pieces, pauseMs: 60 }, { limits: { ...roomyLimits, idleMs: 300 } })
    expect((await collect(model, sampleRequest)).at(-1)).toMatchObject({ type: 'finish', reason: 'stop' })
  })

  it('gives empty arguments as an empty object', async () => {
    const { model } = await start({ pieces: [streamFixture('anthropic-tool-calls')] })
    expect(partsOf(await collect(model, sampleRequest))).toMatchObject([
      { callId: 'toolu_11', tool: 'read_file', argumentsJson: '{"path":"a"}' },
      { callId: 'toolu_12', tool: 'list_files', argumentsJson: '{}' },
    ])
  })

  it('stops at an error in the middle', async () => {
    const { model } = await start({ pieces: [streamFixture('anthropic-error-in-mid-stream')] })
    const { events, error } = await collectUntilThrown(model, sampleRequest)
    expect(textOf(events)).toBe('Half an answer')
    expect(error).toMatchObject({ code: 'upstream_unavailable', message: 'LLM request failed: upstream returned 529' })
  })

  it.each([['reset'], ['close']] as const)('never finishes when it is cut (%s)', async (end) => {
    const { model } = await start({ pieces: [streamFixture('anthropic-text').subarray(0, 1_100)], end })
    const { events, error } = await collectUntilThrown(model, sampleRequest)
    expect(error).toMatchObject({
      code: 'upstream_incomplete',
      message: 'LLM request failed: the answer ended too early',
    })
    expect(textOf(events)).not.toBe('')
  })

  it('stops at the longest answer', async () => {
    const { model } = await start(
      { pieces: [streamFixture('anthropic-text')] },
      { limits: { ...roomyLimits, answerBytes: 20 } },
    )
    const { events, error } = await collectUntilThrown(model, sampleRequest)
    expect(error).toMatchObject({ code: 'answer_too_long' })
    expect(Buffer.byteLength(textOf(events))).toBeLessThanOrEqual(20)
  })
})

describe('failures', () => {
  const problem = (type: string, message = 'x') => ({ type: 'error', error: { type, message } })

  it.each([
    [401, problem('authentication_error'), 'upstream_auth', false],
    [400, problem('invalid_request_error'), 'upstream_rejected', false],
    [400, problem('invalid_request_error', 'prompt is too long: 210000 tokens'), 'context_too_long', false],
    [429, problem('rate_limit_error'), 'upstream_rate_limited', true],
    [500, problem('api_error'), 'upstream_unavailable', false],
    [529, problem('overloaded_error'), 'upstream_unavailable', true],
    [307, {}, 'upstream_rejected', false],
  ])('%i %j is %s', async (status, body, code, retry) => {
    const { model } = await start(json(body, status, { 'retry-after': '3' }))
    const { error } = await collectUntilThrown(model, sampleRequest)
    expect(error).toMatchObject({ code, message: `LLM request failed: upstream returned ${status}` })
    expect(error?.details).toMatchObject({ status, retry, retryAfterMs: 3_000 })
    expect(error?.cause).toBeUndefined()
  })

  it('reads an error that is the first event', async () => {
    const event = `event: error\ndata: ${JSON.stringify(problem('overloaded_error'))}\n\n`
    const { model } = await start({ pieces: [event] })
    const { error } = await collectUntilThrown(model, sampleRequest)
    expect(error).toMatchObject({ code: 'upstream_unavailable', details: { status: 529, retry: true } })
  })

  it.each([['<html></html>'], ['data: not json\n\n'], ['event: x\ndata: {"type":"unheard_of"}\n\n']])(
    'refuses %j',
    async (piece) => {
      const { model } = await start({ pieces: [piece] })
      const { error } = await collectUntilThrown(model, sampleRequest)
      expect(error?.code).toMatch(/^upstream_(bad_response|incomplete)$/)
    },
  )

  it('says when the connection breaks', async () => {
    const { model } = await start({ silent: true, end: 'reset' })
    const { error } = await collectUntilThrown(model, sampleRequest)
    expect(error).toMatchObject({ message: 'LLM request failed: connection reset', details: { retry: true } })
  })

  it.each([
    ['headers', { silent: true }, { headersMs: 50 }],
    ['first-data', { end: 'hang' as const }, { headersMs: 60, firstDataMs: 50 }],
    ['idle', { pieces: [streamFixture('anthropic-text').subarray(0, 1_100)], end: 'hang' as const }, { idleMs: 50 }],
  ])('ends at the time limit: %s', async (_, reply, some) => {
    const { model, upstream } = await start(reply, { limits: { ...roomyLimits, ...some } })
    const { error } = await collectUntilThrown(model, sampleRequest)
    expect(error).toMatchObject({ code: 'upstream_timeout', message: 'LLM request failed: timeout' })
    await vi.waitFor(() => expect(upstream.openSockets()).toBe(0))
  })

  it('lets the connection go when the reader leaves', async () => {
    const { model, upstream } = await start({
      pieces: [streamFixture('anthropic-text').subarray(0, 1_100)],
      end: 'hang',
    })
    for await (const _ of model.stream(sampleRequest, new AbortController().signal)) break
    await vi.waitFor(() => expect(upstream.openSockets()).toBe(0))
  })
})
