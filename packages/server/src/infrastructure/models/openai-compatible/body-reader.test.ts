import { describe, expect, it } from 'vitest'
import { partsOf } from '../../../../test/contract/language-model.ts'
import { streamFixture } from '../../../../test/contract/scripted-server.ts'
import type { ModelEvent } from '../../../application/ports/language-model.ts'
import { Answer } from './answer.ts'
import { BodyReader } from './body-reader.ts'

const to = { provider: 'openai-compatible', family: 'gpt' }

function read(pieces: readonly (string | Uint8Array)[], answerBytes = 1_000_000): ModelEvent[] {
  const answer = new Answer(to, answerBytes)
  const body = new BodyReader(answer, to.provider, answerBytes)
  const decoder = new TextDecoder()
  const events: ModelEvent[] = []
  for (const piece of pieces) {
    if (body.done) break
    body.add(typeof piece === 'string' ? piece : decoder.decode(piece, { stream: true }))
    events.push(...answer.take())
  }
  if (!body.done) body.end()
  events.push(...answer.take())
  return [...events, ...answer.close()]
}

const opaque = (value: unknown) => ({ ...to, json: JSON.stringify(value) })
const chunk = (delta: object, finish_reason: string | null = null) =>
  `data: ${JSON.stringify({ model: 'm', choices: [{ index: 0, delta, finish_reason }] })}\n\n`
const end = chunk({}, 'stop')
const failsWith = (code: string) => expect.objectContaining({ code })

const fixtures = {
  'openai-text': [{ type: 'text', text: 'Привет, мир! 你好 🚀 "quotes" \\ back\nnew line' }],
  'openai-tool-calls': [
    { type: 'tool-call', callId: 'call_a', tool: 'read_file', argumentsJson: '{"path":"README.md"}' },
    { type: 'tool-call', callId: 'call_b', tool: 'search_in_code', argumentsJson: '{"query":"где это?"}' },
  ],
  'openai-text-and-tool-call': [
    { type: 'text', text: 'Let me read it.' },
    { type: 'tool-call', callId: 'call_c', tool: 'read_file', argumentsJson: '{"path":"a.txt"}' },
  ],
  'openai-length': [{ type: 'text', text: 'This is cut' }],
  'llm-proxy-text': [{ type: 'text', text: 'One two.' }],
  'vllm-reasoning': [
    { type: 'reasoning', text: 'The user greets.', opaque: opaque({ field: 'reasoning_content' }) },
    { type: 'text', text: 'Hello!' },
  ],
  'deepseek-reasoning-tool-call': [
    { type: 'reasoning', text: 'I should look.', opaque: opaque({ field: 'reasoning_content' }) },
    { type: 'tool-call', callId: 'call_00_x', tool: 'list_files', argumentsJson: '{"path":"."}' },
  ],
  'gemini-tool-calls': [
    {
      type: 'tool-call',
      callId: 'function-call-1',
      tool: 'read_file',
      argumentsJson: '{"path":"a.ts"}',
      opaque: opaque({ google: { thought_signature: 'CpkBAdHtim9+/A==' } }),
    },
    { type: 'tool-call', callId: 'function-call-2', tool: 'read_file', argumentsJson: '{"path":"b.ts"}' },
  ],
  'openrouter-reasoning-details': [
    {
      type: 'reasoning',
      text: 'Thinking.',
      opaque: opaque({
        field: 'reasoning',
        details: [
          {
            type: 'reasoning.text',
            text: 'Thinking.',
            format: 'anthropic-claude-v1',
            index: 0,
            signature: 'EqoB+sig/==',
          },
          { type: 'reasoning.encrypted', data: 'gAAAAA', format: 'openai-responses-v1', index: 1 },
        ],
      }),
    },
    { type: 'tool-call', callId: 'toolu_1', tool: 'read_file', argumentsJson: '{"path":"x"}' },
  ],
}

describe('BodyReader, on streams of many servers', () => {
  it.each(Object.entries(fixtures))('%s', (name, parts) => {
    const events = read([streamFixture(name)])
    expect(partsOf(events)).toMatchObject(parts)
    const reason = parts.some(({ type }) => type === 'tool-call') ? 'tool-calls' : 'stop'
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: name === 'openai-length' ? 'length' : reason })
  })

  it.each(Object.keys(fixtures))('%s is the same wherever it is split, and byte by byte', (name) => {
    const bytes = streamFixture(name)
    const expected = partsOf(read([bytes]))
    for (let at = 1; at < bytes.length; at += 1) {
      expect(partsOf(read([bytes.subarray(0, at), bytes.subarray(at)]))).toEqual(expected)
    }
    expect(partsOf(read([...bytes].map((byte) => Uint8Array.of(byte))))).toEqual(expected)
  })

  it.each(Object.keys(fixtures))('%s never finishes when it is cut before its end', (name) => {
    const bytes = streamFixture(name)
    const finish = bytes.indexOf('"finish_reason":"')
    // A cut in the very last line can leave a whole event, so the last position is where that event still lacks something.
    for (let at = 0; at < finish; at += 1) {
      expect(() => read([bytes.subarray(0, at)])).toThrow(
        /^LLM request failed: (the answer ended too early|upstream sent an empty)/,
      )
    }
  })
})

describe('BodyReader', () => {
  it('reads usage beside, behind and without the finish', () => {
    const usages = (name: string) => read([streamFixture(name)]).filter(({ type }) => type === 'usage')
    expect(usages('openai-text')).toEqual([
      { type: 'usage', usage: { inputTokens: 82, cachedTokens: 64, outputTokens: 17, reasoningTokens: 5 } },
    ])
    expect(usages('deepseek-reasoning-tool-call')).toEqual([
      { type: 'usage', usage: { inputTokens: 200, cachedTokens: 192, outputTokens: 30, reasoningTokens: 12 } },
    ])
    expect(usages('llm-proxy-text')).toEqual([])
  })

  it('stops at an error in mid-stream', () => {
    expect(() => read([streamFixture('error-in-mid-stream')])).toThrow(failsWith('upstream_bad_response'))
    const codes = 'data: {"error":{"code":503,"message":"gone"}}\n\n'
    expect(() => read([chunk({ content: 'a' }), codes])).toThrow(failsWith('upstream_unavailable'))
    expect(() => read(['data: {"error": "Internal server error"}\n\n'])).toThrow(failsWith('upstream_bad_response'))
    expect(() => read(['data: {"object":"error","message":"x","code":429}\n\n'])).toThrow(
      failsWith('upstream_rate_limited'),
    )
  })

  it('needs no [DONE], and no line end behind it', () => {
    expect(read([chunk({ content: 'a' }), end]).at(-1)).toMatchObject({ reason: 'stop' })
    expect(read([chunk({ content: 'a' }), 'data: [DONE]']).at(-1)).toMatchObject({ reason: 'stop' })
    expect(read([chunk({ content: 'a' }), end.trimEnd()]).at(-1)).toMatchObject({ reason: 'stop' })
  })

  it('reads JSON where a stream was asked for', () => {
    const body = JSON.stringify({ choices: [{ message: { content: 'whole' }, finish_reason: 'stop' }] })
    expect(read([body.slice(0, 20), body.slice(20)])[0]).toEqual({ type: 'text-delta', text: 'whole' })
    expect(read(['\n ', body])[0]).toEqual({ type: 'text-delta', text: 'whole' })
  })

  it.each([
    ['', 'nothing'],
    [': ping\n\n', 'comments only'],
    ['this is not json', 'text'],
    ['<html><body>502</body></html>', 'HTML'],
    ['data: this is not json\n\n', 'an event that is no JSON'],
    ['data: [DONE]\n\n', 'an end without an answer'],
    ['{"choices":[{"mess', 'JSON that is cut'],
  ])('refuses %j: %s', (body) => {
    expect(() => read([body])).toThrow(failsWith('upstream_bad_response'))
  })

  it('replaces NUL and lone surrogates, and keeps a pair that two deltas share', () => {
    const text = (...pieces: string[]) =>
      partsOf(read([...pieces.map((piece) => chunk({ content: piece })), end]).filter(({ type }) => type !== 'finish'))
    expect(text('a\0b', '\ud83dx')).toEqual([{ type: 'text', text: 'a\ufffdb\ufffdx' }])
    expect(text('go \ud83d', '\ude80!')).toEqual([{ type: 'text', text: 'go 🚀!' }])
    expect(text('end \ud83d')).toEqual([{ type: 'text', text: 'end \ufffd' }])
  })

  it('reads content that is a list, and a refusal', () => {
    const events = read([chunk({ content: [{ type: 'text', text: 'a' }] }), chunk({ refusal: 'No.' }), end])
    expect(partsOf(events)).toEqual([{ type: 'text', text: 'aNo.' }])
  })

  it('finishes an answer that holds nothing: judging it is not its job', () => {
    expect(read([chunk({ role: 'assistant', content: null }), end])).toEqual([
      { type: 'finish', reason: 'stop', model: 'm' },
    ])
  })

  it('counts all text against the limit, and stops before it is passed', () => {
    expect(() => read([chunk({ content: 'я'.repeat(50) }), end], 99)).toThrow(failsWith('answer_too_long'))
    expect(read([chunk({ content: 'я'.repeat(50) }), end], 100)).toHaveLength(2)
    const args = chunk({ tool_calls: [{ index: 0, id: 'a', function: { name: 'w', arguments: 'x'.repeat(101) } }] })
    expect(() => read([args, end], 100)).toThrow(failsWith('answer_too_long'))
    expect(() => read([chunk({ reasoning: 'x'.repeat(101) }), end], 100)).toThrow(failsWith('answer_too_long'))
  })

  it('bounds one event and one body', () => {
    const endless = Array.from({ length: 100 }, () => 'x'.repeat(10_000))
    expect(() => read(['data: {"a":"', ...endless], 1_000)).toThrow(failsWith('answer_too_long'))
    expect(() => read(['{"a":"', ...endless], 1_000)).toThrow(failsWith('answer_too_long'))
  })
})
