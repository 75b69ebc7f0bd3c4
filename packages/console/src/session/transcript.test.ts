import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Frame } from '../net/live-events.ts'
import type { Transcript } from './items.ts'
import { TranscriptFold } from './transcript.ts'

const at = (seq: number) => new Date(1_700_000_000_000 + seq * 1000).toISOString()
const event = (seq: number, type: string, data: object): Frame => ({
  event: type,
  data: { seq, turn_id: 't1', run_id: 'r1', at: at(seq), ...data },
})
const delta = (offset: number, text: string): Frame => ({
  event: 'message.delta',
  data: { message_id: 'm2', offset, text },
})
const call = { call_id: 'c1', tool: 'write_file' }

const story: readonly Frame[] = [
  event(1, 'session.created', { turn_id: null }),
  event(2, 'turn.started', { agent: 'orchestrator' }),
  event(3, 'run.started', { input: 'message', agent: 'orchestrator' }),
  event(4, 'message.created', { message_id: 'm1', role: 'user', status: 'complete', message: { content: 'Write it' } }),
  event(5, 'agent.switched', { from: 'orchestrator', to: 'coder', reason: 'writes', confidence: 'high', by: 'router' }),
  delta(0, 'I '),
  delta(2, 'wri'),
  delta(5, 'te.'),
  event(6, 'step.started', { step: 1, agent: 'coder', model: 'demo' }),
  event(7, 'step.ended', { step: 1, input_tokens: 10, output_tokens: 2, cached_tokens: 0, duration_ms: 5 }),
  event(8, 'message.created', {
    message_id: 'm2',
    role: 'assistant',
    status: 'complete',
    message: { content: 'I write.' },
  }),
  event(9, 'tool_call.created', { ...call, requires_approval: true, rule: 'ask', call: { arguments: { path: 'a' } } }),
  event(10, 'approval.requested', { ...call, reason: 'changes a file' }),
  event(11, 'run.ended', { outcome: 'awaiting_approval' }),
  event(12, 'approval.decided', {
    ...call,
    decision: 'edit',
    implicit: false,
    by: 'me',
    call: { arguments: { path: 'b' } },
  }),
  event(13, 'tool_call.dispatched', { ...call, requires_approval: false }),
  event(14, 'tool_result.created', {
    ...call,
    message_id: 'm3',
    failed: false,
    message: { content: '{"success":true}' },
  }),
  event(15, 'message.created', {
    message_id: 'm4',
    role: 'assistant',
    status: 'complete',
    message: { content: 'Done' },
  }),
  event(16, 'turn.ended', { outcome: 'completed', steps: 2 }),
]

function fold(...parts: readonly (readonly Frame[])[]): Transcript {
  const transcript = new TranscriptFold()
  for (const part of parts) transcript.push(part)
  return transcript.snapshot()
}

/** Without the clock of the page, by which an answer is placed until it is stored. */
const timeless = ({ turns, items, ...rest }: Transcript) => ({
  ...rest,
  turns: turns.map(({ firstTokenAt: _, ...turn }) => turn),
  items: items.map((item) => (item.kind === 'answer' ? { ...item, at: '' } : item)),
})

test('a story is told in its order, under the agent that did it', () => {
  const { items, segments, state, turns } = fold(story)
  expect(items.map(({ kind }) => kind)).toEqual(['user', 'handoff', 'answer', 'call', 'answer'])
  expect(items[3]).toMatchObject({
    state: 'done',
    arguments: { path: 'b' },
    approval: { reason: 'changes a file', decision: 'edit', by: 'me' },
    result: '{"success":true}',
  })
  expect(segments[items[2]?.segment ?? -1]).toMatchObject({ agent: 'coder', model: 'demo', steps: 1, inputTokens: 10 })
  expect(state).toBe('idle')
  expect(turns).toMatchObject([{ id: 't1', outcome: 'completed', toolCalls: 1, failedCalls: 0 }])
})

test('an answer grows by its pieces, and is replaced by what was stored', () => {
  const half = fold(story.slice(0, 8))
  expect(half.items.at(-1)).toMatchObject({ kind: 'answer', text: 'I write.', isStreaming: true })
  const reset: Frame = { event: 'message.reset', data: { message_id: 'm2', text: 'Anew' } }
  expect(fold(story.slice(0, 8), [reset]).items.at(-1)).toMatchObject({ text: 'Anew', isStreaming: true })
  expect(fold(story, [delta(0, 'late')]).items[2]).toMatchObject({ text: 'I write.', isStreaming: false })
})

test('wherever the stream is cut and begun again, the transcript is the same', () => {
  const whole = timeless(fold(story))
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(story.length), fc.nat(story.length)), { maxLength: 6 }), (cuts) => {
      // Each connection begins at or before where the last one ended.
      const parts: (readonly Frame[])[] = []
      let read = 0
      for (const [back, ahead] of cuts) {
        const from = Math.max(0, read - back)
        const end = Math.min(story.length, Math.max(read, from + ahead))
        parts.push(story.slice(from, end))
        read = Math.max(read, end)
      }
      parts.push(story.slice(read))
      expect(timeless(fold(...parts))).toEqual(whole)
    }),
  )
})

test('a rejected call stays rejected when its result is stored', () => {
  const rejected = [
    ...story.slice(0, 14),
    event(12, 'approval.decided', { ...call, decision: 'reject', by: 'me' }),
    event(13, 'tool_result.created', { ...call, failed: true, message: { content: '{"status":"rejected"}' } }),
  ]
  expect(fold(rejected).items[3]).toMatchObject({ state: 'rejected', approval: { decision: 'reject' } })
})
