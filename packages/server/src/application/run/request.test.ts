import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { refusedBecause } from '../../../test/strict-provider.ts'
import type { AssistantPart } from '../../domain/message.ts'
import type { StoredMessage } from '../../domain/session.ts'
import { buildHistory } from './request.ts'

const row = (
  role: StoredMessage['role'],
  parts: StoredMessage['parts'],
  status: StoredMessage['status'] = 'complete',
) => ({
  id: 'm',
  sid: 's',
  position: 1,
  turnId: null,
  createdAt: 0,
  agent: null,
  status,
  role,
  parts,
})

const ids = fc.constantFrom('c1', 'c2', 'c3', 'c4')
const call = (callId: string): AssistantPart => ({ type: 'tool-call', callId, tool: 't', argumentsJson: '{}' })
const text = (value: string) => ({ type: 'text' as const, text: value })
const anyMessage = fc.oneof(
  fc.string().map((value) => row('user', [text(value)])),
  fc
    .tuple(fc.string(), fc.constantFrom('complete' as const, 'interrupted' as const))
    .map(([value, status]) => row('assistant', value === '' ? [] : [text(value)], status)),
  fc.uniqueArray(ids, { minLength: 1 }).map((callIds) => row('assistant', callIds.map(call))),
  fc
    .tuple(ids, fc.string())
    .map(([callId, value]) => row('tool', [{ type: 'tool-result', callId, tool: 't', text: value }])),
)

describe('buildHistory', () => {
  it('gives a request that a strict provider accepts, whatever is stored', () => {
    fc.assert(
      fc.property(fc.array(anyMessage, { maxLength: 12 }), (stored) => {
        expect(refusedBecause(buildHistory(stored).messages)).toBeUndefined()
      }),
      { numRuns: 500 },
    )
  })

  it('mends nothing in a history that is whole, and puts results in call order', () => {
    const stored = [
      row('user', [text('go')]),
      row('assistant', [text('reading'), call('a'), call('b')]),
      row('tool', [{ type: 'tool-result', callId: 'b', tool: 't', text: 'B' }]),
      row('tool', [{ type: 'tool-result', callId: 'a', tool: 't', text: 'A' }]),
      row('assistant', [text('done')]),
    ]
    const { messages, repairs } = buildHistory(stored)
    expect(repairs).toBe(0)
    expect(messages.flatMap((message) => (message.role === 'tool' ? [message.parts[0].text] : []))).toEqual(['A', 'B'])
  })

  it('counts what it mends', () => {
    expect(buildHistory([row('assistant', [call('a')])]).repairs).toBe(1)
    expect(buildHistory([row('tool', [{ type: 'tool-result', callId: 'x', tool: 't', text: '' }])]).repairs).toBe(1)
  })

  it('leaves out empty answers and marks those that were cut', () => {
    const cut = [row('assistant', [text('')]), row('assistant', [text('ha')], 'interrupted')]
    const { messages } = buildHistory([...cut, row('user', [text('go on')])])
    expect(messages[0]).toEqual({ role: 'assistant', parts: [text('ha\n\n[interrupted]')] })
    expect(messages).toHaveLength(2)
    expect(buildHistory(cut).messages).toEqual([])
  })
})
