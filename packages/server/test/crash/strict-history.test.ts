import { describe, expect, it } from 'vitest'
import { refusalOf, type UpstreamMessage } from './strict-history.ts'

const user: UpstreamMessage = { role: 'user', content: 'go' }
const calls = (...ids: string[]): UpstreamMessage => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map((id) => ({ id, function: { name: 'read_file', arguments: '{}' } })),
})
const result = (id: string): UpstreamMessage => ({ role: 'tool', tool_call_id: id, content: 'ok' })

describe('a strict provider', () => {
  it('takes every call with its result right behind', () => {
    expect(
      refusalOf([{ role: 'system', content: 's' }, user, calls('a', 'b'), result('a'), result('b')]),
    ).toBeUndefined()
  })

  it.each<[string, UpstreamMessage[]]>([
    ['a call without a result', [user, calls('a'), user]],
    ['a result that is missing at the end', [user, calls('a', 'b'), result('a')]],
    ['a result twice', [user, calls('a'), result('a'), result('a')]],
    ['a result of nothing', [user, result('a')]],
    ['results in another order', [user, calls('a', 'b'), result('b'), result('a')]],
    ['an empty answer', [user, { role: 'assistant', content: '' }, user]],
    ['an empty message', [{ role: 'user', content: ' ' }]],
    ['an id twice', [user, calls('a'), result('a'), calls('a'), result('a')]],
    [
      'arguments that are cut',
      [user, { role: 'assistant', tool_calls: [{ id: 'a', function: { name: 'x', arguments: '{"a' } }] }, result('a')],
    ],
    ['an answer as the last word', [user, { role: 'assistant', content: 'done' }]],
    ['a system message in the middle', [user, { role: 'system', content: 's' }, user]],
  ])('refuses %s', (_what, messages) => {
    expect(refusalOf(messages)).toBeTypeOf('string')
  })
})
