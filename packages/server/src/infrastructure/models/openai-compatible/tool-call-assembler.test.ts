import { describe, expect, it } from 'vitest'
import { ToolCallAssembler } from './tool-call-assembler.ts'

const from = { provider: 'openai-compatible', family: 'gemini' }

function assemble(...entries: unknown[]) {
  const assembler = new ToolCallAssembler(from)
  const progress = entries.map((entry) => assembler.add(entry)).filter((event) => event !== undefined)
  return { calls: assembler.finish(), progress }
}

const fn = (name?: string, args?: unknown) => ({
  function: { ...(name === undefined ? {} : { name }), ...(args === undefined ? {} : { arguments: args }) },
})
const call = (callId: string, tool: string, argumentsJson: string) => ({
  type: 'tool-call',
  callId,
  tool,
  argumentsJson,
})

describe('ToolCallAssembler', () => {
  it('puts deltas together, by index', () => {
    const { calls, progress } = assemble(
      { index: 0, id: 'a', ...fn('read', '') },
      { index: 0, ...fn(undefined, '{"p":') },
      { index: 1, id: 'b', ...fn('list', '') },
      { index: 0, ...fn(undefined, '1}') },
      { index: 1, ...fn(undefined, '{}') },
    )
    expect(calls).toEqual([call('a', 'read', '{"p":1}'), call('b', 'list', '{}')])
    expect(progress).toEqual([
      { type: 'tool-call-delta', index: 0, tool: 'read', argumentsDelta: '' },
      { type: 'tool-call-delta', index: 0, argumentsDelta: '{"p":' },
      { type: 'tool-call-delta', index: 1, tool: 'list', argumentsDelta: '' },
      { type: 'tool-call-delta', index: 0, argumentsDelta: '1}' },
      { type: 'tool-call-delta', index: 1, argumentsDelta: '{}' },
    ])
  })

  it('waits for a name that comes late', () => {
    const { calls, progress } = assemble(
      { index: 0, id: 'a', ...fn(undefined, '{"p"') },
      { index: 0, ...fn('read', ':1') },
      { index: 0, ...fn(undefined, '}') },
    )
    expect(calls).toEqual([call('a', 'read', '{"p":1}')])
    expect(progress[0]).toEqual({ type: 'tool-call-delta', index: 0, tool: 'read', argumentsDelta: '{"p":1' })
  })

  it('takes an id that is repeated in each delta, and a name too', () => {
    const { calls } = assemble(
      { index: 0, id: 'a', ...fn('read', '{"p":') },
      { index: 0, id: 'a', ...fn('read', '{}') },
      { index: 0, id: 'a', ...fn('read', '}') },
    )
    expect(calls).toEqual([call('a', 'read', '{"p":{}}')])
  })

  it('takes an id that is invented anew for each delta', () => {
    const { calls } = assemble(
      { index: 0, id: 'x1', ...fn('read', '') },
      { index: 0, id: 'x2', ...fn(undefined, '{"p":') },
      { index: 0, id: 'x3', ...fn(undefined, '1}') },
    )
    expect(calls).toEqual([call('x1', 'read', '{"p":1}')])
  })

  it('tells several calls on one index apart by their ids', () => {
    const { calls } = assemble(
      { index: 0, id: 'a', ...fn('read', '{"p":1}') },
      { index: 0, id: 'b', ...fn('read', '{"p":2}') },
    )
    expect(calls).toEqual([call('a', 'read', '{"p":1}'), call('b', 'read', '{"p":2}')])
  })

  it('tells several calls on one index apart without ids', () => {
    const { calls } = assemble(
      { index: 0, ...fn('read', '{"p":1}') },
      { index: 0, ...fn('read', '{"p":2}') },
      { index: 0, ...fn('list', '{}') },
    )
    expect(calls).toEqual([call('', 'read', '{"p":1}'), call('', 'read', '{"p":2}'), call('', 'list', '{}')])
  })

  it('does without an index', () => {
    const { calls } = assemble(
      { id: 'a', ...fn('read', '{"p":') },
      fn(undefined, '1}'),
      { id: 'b', ...fn('list', '') },
      { id: 'a', ...fn(undefined, ' ') },
      { id: 'b', ...fn(undefined, '{}') },
    )
    expect(calls).toEqual([call('a', 'read', '{"p":1} '), call('b', 'list', '{}')])
  })

  it('takes arguments that are an object', () => {
    expect(assemble({ index: 0, id: 'a', ...fn('read', { p: 1 }) }).calls).toEqual([call('a', 'read', '{"p":1}')])
  })

  it.each(['', '  ', null, undefined])('takes %j as no arguments', (given) => {
    expect(assemble({ index: 0, id: 'a', ...fn('list', given) }).calls).toEqual([call('a', 'list', '{}')])
  })

  it('takes a name beside the function', () => {
    expect(assemble({ index: 0, id: 'a', name: 'list', arguments: '{}' }).calls).toEqual([call('a', 'list', '{}')])
  })

  it('passes on arguments that are no JSON as they came', () => {
    expect(assemble({ index: 0, id: 'a', ...fn('read', '{"p": "a') }).calls).toEqual([call('a', 'read', '{"p": "a')])
  })

  it('leaves out calls without a name', () => {
    expect(assemble({ index: 0, id: 'a', ...fn('', '{}') }, 'nonsense', null).calls).toEqual([])
  })

  it('keeps what the provider attached', () => {
    const extra = { google: { thought_signature: 'sig' } }
    expect(assemble({ index: 0, id: 'a', ...fn('read', '{}'), extra_content: extra }).calls).toEqual([
      { ...call('a', 'read', '{}'), opaque: { ...from, json: JSON.stringify(extra) } },
    ])
  })

  it('puts the legacy call last, from deltas, when it is whole', () => {
    const assembler = new ToolCallAssembler(from)
    assembler.addLegacy({ name: 'read', arguments: '{"p"' })
    assembler.add({ index: 0, id: 'a', ...fn('list', '{}') })
    assembler.addLegacy({ arguments: ':1}' })
    expect(assembler.finish()).toEqual([call('a', 'list', '{}'), call('', 'read', '{"p":1}')])
  })

  it.each([{ name: 'read', arguments: '{"p' }, { arguments: '{}' }])(
    'leaves out a legacy call that is broken: %j',
    (entry) => {
      const assembler = new ToolCallAssembler(from)
      assembler.addLegacy(entry)
      expect(assembler.finish()).toEqual([])
    },
  )

  it('has a bound', () => {
    const entries = Array.from({ length: 129 }, (_, index) => ({ index, ...fn('read', '') }))
    expect(() => assemble(...entries)).toThrow('too many tool calls')
  })
})
