import { createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { Agent } from 'undici'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { collect, collectUntilThrown, textOf } from '../../../../test/contract/language-model.ts'
import { roomyLimits, sampleRequest } from '../../../../test/contract/sample-request.ts'
import {
  json,
  type Reply,
  type ScriptedUpstream,
  type SeenRequest,
  startUpstream,
  streamFixture,
} from '../../../../test/contract/scripted-server.ts'
import type { ModelRequest } from '../../../application/ports/language-model.ts'
import { createOpenAICompatibleModel, type OpenAICompatibleOptions } from './adapter.ts'

const text = streamFixture('openai-text')
const half = text.subarray(0, 700)
const answer = { choices: [{ message: { content: 'ok' }, finish_reason: 'stop' }] }
const toClose: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close()
})

function modelAt(url: string, options: Partial<OpenAICompatibleOptions> = {}) {
  const dispatcher = new Agent({ keepAliveTimeout: 30_000, headersTimeout: 0, bodyTimeout: 0 })
  toClose.push(() => dispatcher.destroy())
  return createOpenAICompatibleModel({
    provider: 'openai-compatible',
    baseUrl: url,
    model: 'gpt-x',
    headers: { authorization: 'Bearer secret' },
    streaming: 'auto',
    dispatcher,
    ...options,
    limits: { ...roomyLimits, ...options.limits },
  })
}

async function serve(reply: Reply | ((request: SeenRequest, number: number) => Reply)): Promise<ScriptedUpstream> {
  const upstream = await startUpstream(typeof reply === 'function' ? reply : () => reply)
  toClose.push(() => upstream.close())
  return upstream
}

const limits = (some: Partial<typeof roomyLimits>) => ({ limits: { ...roomyLimits, ...some } })
const classify: ModelRequest = { ...sampleRequest, purpose: 'classify', tools: [] }
const bodyOf = (request: SeenRequest | undefined) => request?.body as { stream: boolean; tools?: unknown[] }

describe('what is read', () => {
  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ] as const)('is unpacked when somebody on the way packed it: %s', async (encoding, pack) => {
    const packed = pack(text)
    const headers = { 'content-type': 'text/event-stream', 'content-encoding': encoding }
    const upstream = await serve({ headers, pieces: [packed.subarray(0, 20), packed.subarray(20)] })
    const plain = await serve({ pieces: [text] })
    const said = textOf(await collect(modelAt(plain.url), sampleRequest))
    expect(said).not.toBe('')
    expect(textOf(await collect(modelAt(upstream.url), sampleRequest))).toBe(said)
  })
})

describe('what is asked', () => {
  it('streams an answer and asks for its usage, but not the routing call', async () => {
    const upstream = await serve(({ body }) =>
      (body as { stream: boolean }).stream ? { pieces: [text] } : json(answer),
    )
    const model = modelAt(upstream.url)
    await collect(model, sampleRequest)
    expect(textOf(await collect(model, classify))).toBe('ok')
    expect(upstream.requests.map((request) => [request.path, bodyOf(request).stream])).toEqual([
      ['/v1/chat/completions', true],
      ['/v1/chat/completions', false],
    ])
    expect(upstream.requests[0]?.headers).toMatchObject({ authorization: 'Bearer secret' })
  })

  it('takes a stream where none was asked for, under whatever content type', async () => {
    const upstream = await serve({ pieces: [text], headers: { 'content-type': 'application/json' } })
    const model = modelAt(upstream.url)
    expect(textOf(await collect(model, classify))).toBe(textOf(await collect(model, sampleRequest)))
  })

  it('uses a connection again after a complete answer', async () => {
    const upstream = await serve({ pieces: [text] })
    const model = modelAt(upstream.url)
    for (let count = 0; count < 3; count += 1) {
      await collect(model, sampleRequest)
      await pause(20)
    }
    expect(upstream.openSockets()).toBe(1)
  })

  it('does not follow a redirect, so no key leaves for another address', async () => {
    const elsewhere = await serve({ pieces: [text] })
    const upstream = await serve({ status: 307, headers: { location: elsewhere.url } })
    const { error } = await collectUntilThrown(modelAt(upstream.url), sampleRequest)
    expect(error).toMatchObject({ code: 'upstream_rejected', message: 'LLM request failed: upstream returned 307' })
    expect(elsewhere.requests).toEqual([])
  })
})

describe('streaming to the LLM Proxy', () => {
  const list = [{ id: 'm', name: 'M', provider: 'P', context_length: 4096, is_available: true }]
  const proxy = { provider: 'llm-proxy', headers: { 'x-internal-auth': 'key' } } as const
  const at = (models: Reply) => (request: SeenRequest) =>
    request.method === 'GET' ? models : bodyOf(request).stream ? { pieces: [text] } : json(answer)
  const asked = (upstream: ScriptedUpstream) =>
    upstream.requests.map((request) => (request.method === 'GET' ? request.path : bodyOf(request).stream))

  it('is left when that proxy would lose the calls; the question is asked once, with the key', async () => {
    const upstream = await serve(at(json(list)))
    const model = modelAt(upstream.url, proxy)
    await collect(model, sampleRequest)
    await collect(model, sampleRequest)
    expect(asked(upstream)).toEqual(['/v1/llm/models', false, false])
    expect(upstream.requests.map(({ headers }) => headers['x-internal-auth'])).toEqual(['key', 'key', 'key'])
  })

  it('is kept when no tools are offered, without a question', async () => {
    const upstream = await serve(at(json(list)))
    await collect(modelAt(upstream.url, proxy), { ...sampleRequest, tools: [] })
    expect(asked(upstream)).toEqual([true])
  })

  it.each([
    ['not found', json({ detail: 'Not Found' }, 404)],
    ['another shape', json({ data: [] })],
    ['another list', json([{ id: 'm' }])],
    ['no JSON', json('x')],
  ])('is kept for other servers: %s', async (_, models) => {
    const upstream = await serve(at(models))
    const model = modelAt(upstream.url, proxy)
    await collect(model, sampleRequest)
    await collect(model, sampleRequest)
    expect(asked(upstream)).toEqual(['/v1/llm/models', true, true])
  })

  it.each([
    ['breaks', { silent: true, end: 'reset' } as const],
    ['is refused', json({ detail: 'unauthorized' }, 401)],
    ['fails', json({}, 503)],
  ])('is left while the question %s, and it is asked again', async (_, models) => {
    const upstream = await serve(at(models))
    const model = modelAt(upstream.url, proxy)
    await collect(model, sampleRequest)
    await collect(model, sampleRequest)
    expect(asked(upstream)).toEqual(['/v1/llm/models', false, '/v1/llm/models', false])
  })

  it('is used without a question when it is set to always', async () => {
    const upstream = await serve(at(json(list)))
    await collect(modelAt(upstream.url, { ...proxy, streaming: 'always' }), sampleRequest)
    expect(asked(upstream)).toEqual([true])
  })

  it('turns a failure that is told as an answer into one', async () => {
    const content = '[Error] LiteLLM proxy unavailable: http://internal'
    const told = { choices: [{ message: { content }, finish_reason: 'stop' }] }
    const upstream = await serve(({ method }) => json(method === 'GET' ? list : told))
    const { events, error } = await collectUntilThrown(modelAt(upstream.url, proxy), sampleRequest)
    expect(events).toEqual([])
    expect(error).toMatchObject({ code: 'upstream_unavailable', details: { retry: true } })
    const other = await collect(modelAt(upstream.url), sampleRequest)
    expect(textOf(other)).toBe(content)
  })
})

describe('failures', () => {
  const failing = async (reply: Reply, options: Partial<OpenAICompatibleOptions> = {}, request = sampleRequest) => {
    const upstream = await serve(reply)
    const result = await collectUntilThrown(modelAt(upstream.url, options), request)
    return { upstream, ...result }
  }

  it('reads a refusal and keeps its text out of the message', async () => {
    const reply = json({ error: { message: 'key sk-123 is wrong' } }, 401)
    const { error } = await failing(reply)
    expect(error).toMatchObject({ code: 'upstream_auth', message: 'LLM request failed: upstream returned 401' })
    expect(error?.details).toMatchObject({ status: 401, retry: false, hint: 'Check OPENAI_API_KEY.' })
  })

  it('reads Retry-After', async () => {
    const { error } = await failing(json({}, 429, { 'retry-after': '2' }))
    expect(error).toMatchObject({ code: 'upstream_rate_limited', details: { retryAfterMs: 2_000, retry: true } })
  })

  it('reads no more of a failure than it needs', async () => {
    const { error } = await failing({ status: 500, pieces: ['x'.repeat(100_000)], end: 'hang' })
    expect(error).toMatchObject({ code: 'upstream_unavailable', details: { status: 500 } })
  })

  it('says when nobody listens', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    await new Promise((resolve) => server.close(resolve))
    const port = typeof address === 'object' ? address?.port : 0
    const { error } = await collectUntilThrown(modelAt(`http://127.0.0.1:${port}`), sampleRequest)
    expect(error).toMatchObject({ code: 'upstream_unavailable', message: 'LLM request failed: connection refused' })
  })

  it('says when the connection breaks before an answer', async () => {
    const { error } = await failing({ silent: true, end: 'reset' })
    expect(error).toMatchObject({ message: 'LLM request failed: connection reset', details: { retry: true } })
  })

  it.each([['reset'], ['close']] as const)('never finishes what is cut in the middle (%s)', async (end) => {
    const { events, error } = await failing({ pieces: [half], end })
    expect(error).toMatchObject({
      code: 'upstream_incomplete',
      message: 'LLM request failed: the answer ended too early',
    })
    expect(textOf(events)).toBe('Привет, мир! ')
  })

  it('finishes what breaks behind its end', async () => {
    const whole = text.subarray(0, text.indexOf('data: [DONE]'))
    const { events, error } = await failing({ pieces: [whole], end: 'reset' })
    expect(error).toBeUndefined()
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'stop' })
  })

  it('works byte by byte', async () => {
    const { events } = await failing({ pieces: [...text].map((byte) => Uint8Array.of(byte)) })
    expect(textOf(events)).toBe('Привет, мир! 你好 🚀 "quotes" \\ back\nnew line')
  })

  it('stops at the longest answer', async () => {
    const delta = JSON.stringify({ choices: [{ delta: { content: 'x'.repeat(1024 * 1024) } }] })
    const { events, error } = await failing({ pieces: Array.from({ length: 8 }, () => `data: ${delta}\n\n`) })
    expect(error).toMatchObject({ code: 'answer_too_long' })
    expect(textOf(events)).toHaveLength(2 * 1024 * 1024)
  })
})

describe('time limits', () => {
  const comments = function* () {
    for (;;) yield ': still here\n\n'
  }
  const after = async (reply: Reply, some: Partial<typeof roomyLimits>, request = sampleRequest) => {
    const upstream = await serve(reply)
    const { events, error } = await collectUntilThrown(modelAt(upstream.url, limits(some)), request)
    expect(error).toMatchObject({ code: 'upstream_timeout', message: 'LLM request failed: timeout' })
    await vi.waitFor(() => expect(upstream.openSockets()).toBe(0))
    return { events, details: error?.details }
  }

  it('ends a wait for the status', async () => {
    const { details } = await after({ silent: true }, { headersMs: 50 })
    expect(details).toMatchObject({ limit: 'headers', retry: true })
  })

  it('ends a wait for the first data', async () => {
    const { details } = await after({ end: 'hang' }, { firstDataMs: 50 })
    expect(details).toMatchObject({ limit: 'first-data', retry: true })
  })

  it('ends a silence in the middle', async () => {
    const { events, details } = await after({ pieces: [half], end: 'hang' }, { idleMs: 50 })
    expect(details).toMatchObject({ limit: 'idle' })
    expect(textOf(events)).toBe('Привет, мир! ')
  })

  it('lets a slow answer go on for as long as it goes on', async () => {
    const pieces = text.toString('utf8').split(/(?<=\n\n)/)
    const upstream = await serve({ pieces, pauseMs: 60 })
    const events = await collect(modelAt(upstream.url, limits({ idleMs: 300, firstDataMs: 300 })), sampleRequest)
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'stop' })
  })

  it('takes comments for silence', async () => {
    const { details } = await after({ pieces: comments() }, { firstDataMs: 50 })
    expect(details).toMatchObject({ limit: 'first-data' })
  })

  it('ends a call that is not streamed, which is not asked again', async () => {
    const { details } = await after({ silent: true }, { totalMs: 50, headersMs: 1 }, classify)
    expect(details).toMatchObject({ limit: 'total', retry: false })
  })

  it('does not end what was complete', async () => {
    const whole = text.subarray(0, text.indexOf('data: [DONE]'))
    const upstream = await serve({ pieces: [whole], end: 'hang' })
    const events = await collect(modelAt(upstream.url, limits({ idleMs: 50 })), sampleRequest)
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'stop' })
    await vi.waitFor(() => expect(upstream.openSockets()).toBe(0))
  })
})

describe('connections', () => {
  it.each([
    ['cancelled while it waits', { silent: true }],
    ['cancelled in the middle', { pieces: [half], end: 'hang' as const }],
  ])('are let go when a call is %s', async (_, reply) => {
    const upstream = await serve(reply)
    const cancel = new AbortController()
    const asked = collectUntilThrown(modelAt(upstream.url), sampleRequest, cancel.signal)
    await vi.waitFor(() => expect(upstream.requests).toHaveLength(1))
    cancel.abort()
    expect((await asked).error).toMatchObject({ code: 'cancelled' })
    await vi.waitFor(() => expect(upstream.openSockets()).toBe(0))
  })

  it('are let go when the reader leaves', async () => {
    const upstream = await serve({ pieces: [half], end: 'hang' })
    for await (const _ of modelAt(upstream.url).stream(sampleRequest, new AbortController().signal)) break
    await vi.waitFor(() => expect(upstream.openSockets()).toBe(0))
  })

  it('are let go when the end was said and the server keeps it open', async () => {
    const upstream = await serve({ pieces: [text], end: 'hang' })
    await collect(modelAt(upstream.url), sampleRequest)
    await vi.waitFor(() => expect(upstream.openSockets()).toBe(0), { timeout: 5_000 })
  })

  it('are let go when the answer is refused', async () => {
    const upstream = await serve({ pieces: ['<html>'], end: 'hang' })
    const { error } = await collectUntilThrown(modelAt(upstream.url), sampleRequest)
    expect(error).toMatchObject({ code: 'upstream_bad_response' })
    await vi.waitFor(() => expect(upstream.openSockets()).toBe(0))
  })
})
