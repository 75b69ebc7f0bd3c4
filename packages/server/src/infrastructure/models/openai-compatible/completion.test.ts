import { describe, expect, it } from 'vitest'
import type { ModelEvent } from '../../../application/ports/language-model.ts'
import { Answer } from './answer.ts'
import { readCompletion } from './completion.ts'

const to = { provider: 'openai-compatible', family: 'gpt' }

function read(body: unknown): readonly ModelEvent[] {
  const answer = new Answer(to, 1_000)
  readCompletion(body, answer, to.provider)
  return answer.close()
}

const whole = (message: unknown, finish_reason: unknown = 'stop', more: object = {}) => ({
  model: 'gpt-x',
  choices: [{ index: 0, message, finish_reason }],
  ...more,
})
const stop = { type: 'finish', reason: 'stop', model: 'gpt-x' }
const calling = { type: 'finish', reason: 'tool-calls', model: 'gpt-x' }
const entry = (id: string, name: string, args: unknown = '{}') => ({ id, function: { name, arguments: args } })
const call = (callId: string, tool: string, argumentsJson = '{}') => ({
  type: 'tool-call',
  callId,
  tool,
  argumentsJson,
})
const calls = (events: readonly ModelEvent[]) => events.filter(({ type }) => type === 'tool-call')

describe('readCompletion', () => {
  it('gives the text as one delta, the usage and the end', () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }
    expect(read(whole({ content: 'Hello.' }, 'stop', { usage }))).toEqual([
      { type: 'text-delta', text: 'Hello.' },
      { type: 'usage', usage: { inputTokens: 10, cachedTokens: 0, outputTokens: 5, reasoningTokens: 0 } },
      stop,
    ])
  })

  it.each([null, '', undefined, []])('gives no text for the content %j', (content) => {
    expect(read(whole({ content }))).toEqual([stop])
  })

  it.each([
    [[{ content: 'text in a list' }], 'text in a list'],
    [
      [
        { type: 'text', text: 'one ' },
        { type: 'text', text: 'two' },
      ],
      'one two',
    ],
    [['plain'], 'plain'],
    [[{ odd: 1 }], '[{"odd":1}]'],
  ])('reads content that is a list: %j', (content, text) => {
    expect(read(whole({ content }))).toEqual([{ type: 'text-delta', text }, stop])
  })

  it('reads calls, in order, beside text', () => {
    const message = { content: 'Let me.', tool_calls: [entry('a', 'read'), entry('b', 'list', { p: 1 })] }
    expect(read(whole(message, 'tool_calls')).filter(({ type }) => type !== 'tool-call-delta')).toEqual([
      { type: 'text-delta', text: 'Let me.' },
      call('a', 'read'),
      call('b', 'list', '{"p":1}'),
      calling,
    ])
  })

  it('keeps two calls without ids apart', () => {
    const tool_calls = [entry('', 'read', '{"p":'), entry('', 'read', '{"p":2}')]
    expect(calls(read(whole({ content: null, tool_calls })))).toEqual([
      call('', 'read', '{"p":'),
      call('', 'read', '{"p":2}'),
    ])
  })

  it('reads calls inside a content element before those of the message', () => {
    const content = [{ type: 'text' }, { tool_calls: [entry('in', 'read')] }]
    expect(calls(read(whole({ content, tool_calls: [entry('out', 'list')] })))).toEqual([call('in', 'read')])
    expect(calls(read(whole({ content: [{ tool_calls: [] }], tool_calls: [entry('out', 'list')] })))).toEqual([
      call('out', 'list'),
    ])
  })

  it('reads the legacy call', () => {
    const function_call = { name: 'read', arguments: '{"path":"README.md"}' }
    const events = read(whole({ content: null, function_call }, 'function_call'))
    expect(calls(events)).toEqual([call('', 'read', '{"path":"README.md"}')])
    expect(events.at(-1)).toEqual(calling)
  })

  it('is text when no call has a name', () => {
    const events = read(whole({ content: 'nameless', tool_calls: [entry('a', '')] }, 'tool_calls'))
    expect(events).toEqual([{ type: 'text-delta', text: 'nameless' }, stop])
  })

  it('corrects a reason that the calls contradict, but not a cut', () => {
    expect(read(whole({ tool_calls: [entry('a', 'read')] }, 'stop')).at(-1)).toEqual(calling)
    const cut = read(whole({ tool_calls: [entry('a', 'read', '{"p')] }, 'length'))
    expect(cut.at(-1)).toMatchObject({ reason: 'length' })
  })

  it('reads reasoning', () => {
    const events = read(whole({ reasoning_content: 'Hm.', content: 'Yes.' }))
    expect(events.slice(0, 3)).toEqual([
      { type: 'reasoning-delta', text: 'Hm.' },
      { type: 'reasoning-end', opaque: { ...to, json: '{"field":"reasoning_content"}' } },
      { type: 'text-delta', text: 'Yes.' },
    ])
  })

  it.each([
    [{ choices: [] }, 'upstream_bad_response'],
    [{}, 'upstream_bad_response'],
    [[], 'upstream_bad_response'],
    [{ choices: [{}] }, 'upstream_bad_response'],
    [{ choices: [{ message: null }] }, 'upstream_bad_response'],
    [{ error: { message: 'no', code: 429 } }, 'upstream_rate_limited'],
    [{ object: 'error', message: 'Provider failed', code: 503 }, 'upstream_unavailable'],
    [{ choices: [{ finish_reason: 'error', error: { code: 502 } }] }, 'upstream_unavailable'],
  ])('refuses %j', (body, code) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ code }))
  })

  it('has a bound', () => {
    expect(() => read(whole({ content: 'x'.repeat(1_001) }))).toThrow(
      expect.objectContaining({ code: 'answer_too_long' }),
    )
  })
})
