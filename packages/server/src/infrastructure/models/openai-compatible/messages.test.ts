import { describe, expect, it } from 'vitest'
import type { Message } from '../../../domain/message.ts'
import { toOpaque } from '../upstream/opaque.ts'
import { toWireMessages } from './messages.ts'

const to = { provider: 'openai-compatible', family: 'deepseek' }
const call = { type: 'tool-call', callId: 'c1', tool: 'read_file', argumentsJson: '{"path": "a"}' } as const
const wire = (...messages: Message[]) => toWireMessages('', messages, to)

describe('toWireMessages', () => {
  it('puts the system prompt first', () => {
    expect(toWireMessages('Be brief.', [], to)).toEqual([{ role: 'system', content: 'Be brief.' }])
    expect(toWireMessages('', [], to)).toEqual([])
  })

  it('writes texts', () => {
    const messages = wire(
      { role: 'user', parts: [{ type: 'text', text: 'hi' }] },
      {
        role: 'assistant',
        parts: [
          { type: 'text', text: 'hel' },
          { type: 'text', text: 'lo' },
        ],
      },
      { role: 'assistant', parts: [] },
    )
    expect(messages).toEqual([
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'hello' },
      { role: 'assistant', content: '' },
    ])
  })

  it('writes a call with null content, its arguments byte for byte, and its result', () => {
    const result = { type: 'tool-result', callId: 'c1', tool: 'read_file', text: 'content' } as const
    expect(wire({ role: 'assistant', parts: [call] }, { role: 'tool', parts: [result] })).toEqual([
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'read_file', arguments: '{"path": "a"}' } }],
      },
      { role: 'tool', content: 'content', tool_call_id: 'c1', name: 'read_file' },
    ])
  })

  it('keeps the text beside calls', () => {
    const [message] = wire({ role: 'assistant', parts: [{ type: 'text', text: 'Let me see.' }, call] })
    expect(message).toMatchObject({ content: 'Let me see.', tool_calls: [{ id: 'c1' }] })
  })

  it('gives opaque values back where they came from', () => {
    const extra = { google: { thought_signature: 'sig' } }
    const details = [{ type: 'reasoning.encrypted', data: 'x' }]
    const [message] = wire({
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'Hm', opaque: toOpaque(to, { field: 'reasoning_content' }) },
        { type: 'reasoning', text: 'm.', opaque: toOpaque(to, { field: 'reasoning_content', details }) },
        { ...call, opaque: toOpaque(to, extra) },
      ],
    })
    expect(message).toMatchObject({ reasoning_content: 'Hmm.', reasoning_details: details })
    expect(message).toMatchObject({ tool_calls: [{ id: 'c1', extra_content: extra }] })
  })

  it('leaves out reasoning without an opaque value, and opaque values of others', () => {
    const other = toOpaque({ ...to, family: 'gpt' }, { field: 'reasoning_content' })
    const [message] = wire({
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'Hm' },
        { type: 'reasoning', text: 'm.', opaque: other },
        { ...call, opaque: other },
      ],
    })
    expect(Object.keys(message ?? {})).toEqual(['role', 'content', 'tool_calls'])
    expect(message).toMatchObject({ tool_calls: [{ function: { name: 'read_file' } }] })
    expect(JSON.stringify(message)).not.toContain('reasoning_content')
  })
})
