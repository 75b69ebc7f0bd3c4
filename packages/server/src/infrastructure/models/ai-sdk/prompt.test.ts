import { describe, expect, it } from 'vitest'
import type { AssistantPart, Message } from '../../../domain/message.ts'
import { toOpaque } from '../upstream/opaque.ts'
import { mayThink, toPrompt } from './prompt.ts'

const to = { provider: 'anthropic', family: 'claude' }
const metadata = { anthropic: { signature: 's' } }
const own: AssistantPart = { type: 'reasoning', text: 'Hm.', opaque: toOpaque(to, metadata) }
const foreign: AssistantPart = { type: 'reasoning', text: 'Hm.', opaque: toOpaque({ ...to, family: 'gpt' }, metadata) }
const call: AssistantPart = { type: 'tool-call', callId: 'c', tool: 'read_file', argumentsJson: '{"path":"a"}' }
const user: Message = { role: 'user', parts: [{ type: 'text', text: 'hi' }] }
const result: Message = {
  role: 'tool',
  parts: [{ type: 'tool-result', callId: 'c', tool: 'read_file', text: 'content' }],
}
const says = (...parts: AssistantPart[]): Message => ({ role: 'assistant', parts })

describe('toPrompt', () => {
  it('writes each kind of message', () => {
    expect(toPrompt('Be brief.', [user, says({ type: 'text', text: 'Let me.' }, call), result], to)).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'hi' }] },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Let me.' },
          { type: 'tool-call', toolCallId: 'c', toolName: 'read_file', input: { path: 'a' } },
        ],
      },
      {
        role: 'tool',
        content: [
          { type: 'tool-result', toolCallId: 'c', toolName: 'read_file', output: { type: 'text', value: 'content' } },
        ],
      },
    ])
  })

  it('marks what a provider may keep, at the ends of this request and of the one before', () => {
    const prompt = toPrompt('Be brief.', [user, says(call), result, says(call), result, says(call), result], to, true)
    const mark = { anthropic: { cacheControl: { type: 'ephemeral' } } }
    expect(prompt.map(({ providerOptions }) => providerOptions)).toEqual([
      ...[mark, mark, undefined, undefined, undefined, mark, undefined, mark],
    ])
  })

  it('sends reasoning only where it came from', () => {
    const [message] = toPrompt('', [says(own, foreign, { type: 'reasoning', text: 'Hm.' }, call)], to)
    expect(message?.content).toMatchObject([
      { type: 'reasoning', text: 'Hm.', providerOptions: metadata },
      { type: 'tool-call' },
    ])
    expect(message?.content).toHaveLength(2)
  })

  it('keeps what belongs to a text or a call of this provider, and drops the rest', () => {
    const opaque = toOpaque(to, metadata)
    const [message] = toPrompt(
      '',
      [says({ type: 'text', text: 'a', opaque }, { ...call, opaque: { ...opaque, family: 'gpt' } })],
      to,
    )
    expect(message?.content).toEqual([
      { type: 'text', text: 'a', providerOptions: metadata },
      { type: 'tool-call', toolCallId: 'c', toolName: 'read_file', input: { path: 'a' } },
    ])
  })

  it('leaves out a message of which nothing is left', () => {
    expect(toPrompt('', [user, says(foreign), says({ type: 'text', text: '' }), user], to)).toHaveLength(2)
  })
})

describe('mayThink', () => {
  it.each([
    ['at the start', [user], true],
    ['after a call with its thinking', [user, says(own, call), result], true],
    ['after a call without', [user, says(call), result], false],
    ['after a call with that of another', [user, says(foreign, call), result], false],
    ['after text', [user, says({ type: 'text', text: 'a' })], true],
    ['in the next turn', [user, says(call), result, user], true],
  ])('%s', (_, messages, expected) => {
    expect(mayThink(messages, to)).toBe(expected)
  })
})
