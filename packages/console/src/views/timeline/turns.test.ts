import type { SessionTimeline, TimelineEvent, TimelineModelCall } from '@codelab/protocol'
import { describe, expect, it } from 'vitest'
import { realTime, sharesOf, ticksOf, withoutWaiting } from './spans.ts'
import { readTurns } from './turns.ts'

const start = Date.parse('2026-01-18T21:00:00.000Z')

function event(seconds: number, type: string, facts: object = {}, run = 'r1'): Omit<TimelineEvent, 'seq'> {
  return { at: at(seconds), type, turn_id: 't1', run_id: run, facts: { ...facts } }
}

function at(seconds: number): string {
  return new Date(start + seconds * 1000).toISOString()
}

function model(seconds: number, more: Partial<TimelineModelCall> = {}): TimelineModelCall {
  const none = { alias: null, instead_of: null, context_tokens: null, error: null, attempts: 1, finish: 'tool-calls' }
  const figures = { input_tokens: 100, cached_tokens: 20, output_tokens: 10, reasoning_tokens: 0, cost: 0.01 }
  const named = { turn_id: 't1', run_id: 'r1', agent: 'coder', provider: 'p', model: 'm', purpose: 'answer' as const }
  return { ...named, ...none, ...figures, at: at(seconds), duration_ms: 1000, first_token_ms: 200, ...more }
}

function timeline(events: readonly Omit<TimelineEvent, 'seq'>[], more: Partial<SessionTimeline> = {}): SessionTimeline {
  const numbered = events.map((each, index) => ({ seq: index + 1, ...each }))
  return { session_id: 's', title: 'A title', state: 'idle', events: numbered, cut: false, ...more }
}

const approved = timeline(
  [
    event(0, 'turn.started', { agent: 'orchestrator' }),
    event(1, 'agent.switched', {
      from: 'orchestrator',
      to: 'coder',
      reason: 'a file',
      confidence: 'high',
      by: 'router',
    }),
    event(2, 'step.started', { step: 1, agent: 'coder' }),
    event(2, 'step.ended', { step: 1 }),
    event(2, 'tool_call.created', { callId: 'c1', tool: 'write_file', effect: 'ask', rule: 'changes need a person' }),
    event(2, 'approval.requested', { callId: 'c1', reason: 'Changes need a person' }),
    event(2, 'tool_call.dispatched', { callId: 'c1', requiresApproval: true }),
    event(7, 'approval.decided', { callId: 'c1', decision: 'approve', by: 'desk' }, 'r2'),
    event(7, 'tool_call.dispatched', { callId: 'c1', requiresApproval: false }, 'r2'),
    event(8, 'tool_result.created', { callId: 'c1', failed: false }, 'r3'),
    event(9, 'step.started', { step: 2, agent: 'coder' }, 'r3'),
    event(9, 'step.ended', { step: 2 }, 'r3'),
    event(10, 'turn.ended', { outcome: 'completed', steps: 2 }, 'r3'),
  ],
  {
    model_calls: [
      model(0, { purpose: 'classify' }),
      model(1),
      model(8, { run_id: 'r3', error: { code: 'upstream_timeout', text: 'late' }, duration_ms: 300 }),
      model(8.5, { run_id: 'r3', duration_ms: 500 }),
    ],
    calls: [{ call_id: 'c1', agent: 'coder', subject: 'a.txt', edited: false, feedback: null }],
    said: [{ turn_id: 't1', text: 'Write a.txt' }],
  },
)

describe('a turn', () => {
  const [turn] = readTurns(approved, start + 60_000)

  it('has a row for the choice of the agent, each step, each model call, each call and what was done of it', () => {
    expect(turn?.rows.map(({ level, kind, status }) => `${level} ${kind} ${status}`)).toEqual([
      '1 turn ok',
      '2 switch ok',
      '2 step ok',
      '3 model ok',
      '3 call ok',
      '4 work ok',
      '2 step ok',
      '3 model bad',
      '3 model ok',
    ])
  })

  it('tells how long a person was waited for, who decided, and what it was about', () => {
    const call = turn?.rows.find((row) => row.kind === 'call')
    expect(call).toMatchObject({
      call: { subject: 'a.txt', decision: 'approve', by: 'desk', rule: 'changes need a person' },
      start: start + 2000,
      end: start + 8000,
    })
    expect(turn?.rows.find((row) => row.kind === 'work')).toMatchObject({ start: start + 7000, end: start + 8000 })
  })

  it('knows where its time went, to the last millisecond', () => {
    if (!turn) throw new Error('no turn')
    const shares = sharesOf(turn, turn.spans)
    expect(shares).toEqual({ wait: 5000, model: 2800, tool: 1000, rest: 1200 })
    expect(turn).toMatchObject({ inputTokens: 400, outputTokens: 40, said: 'Write a.txt', outcome: 'completed' })
    expect(turn.cost).toBeCloseTo(0.04)
  })

  it('can be drawn without the waiting', () => {
    if (!turn) throw new Error('no turn')
    expect(realTime(turn)(turn.end)).toBe(10_000)
    const axis = withoutWaiting(turn, turn.spans)
    expect([1000, 2000, 4500, 7000, 10_000].map((ms) => axis(start + ms))).toEqual([1000, 2000, 2000, 2000, 5000])
  })
})

describe('a turn that is not over', () => {
  it('ends now, and so does what is open in it', () => {
    const until = approved.events.slice(0, 7)
    const [turn] = readTurns({ ...approved, events: until, model_calls: [model(1)] }, start + 4000)
    expect(turn).toMatchObject({ isOpen: true, end: start + 4000 })
    expect(turn?.rows.find((row) => row.kind === 'call')).toMatchObject({
      status: 'wait',
      isOpen: true,
      end: start + 4000,
    })
    expect(turn?.rows.some((row) => row.kind === 'work')).toBe(false)
  })

  it('has a step for a model that never answered', () => {
    const events = [event(0, 'turn.started'), event(3, 'turn.ended', { outcome: 'failed' })]
    const failed = model(1, { error: { code: 'upstream_auth', text: 'no key' } })
    const [turn] = readTurns(timeline(events, { model_calls: [failed] }), start)
    expect(turn?.rows.map(({ kind, status }) => `${kind} ${status}`)).toEqual(['turn bad', 'step bad', 'model bad'])
    expect(turn?.said).toBe('A title')
  })
})

it.each([
  ['rejected', [event(5, 'approval.decided', { callId: 'c1', decision: 'reject', by: null })], 'bad', false],
  ['cancelled', [event(5, 'tool_call.cancelled', { callId: 'c1', reason: 'superseded' })], 'idle', false],
])('a call that was %s was not carried out', (_, more, status, works) => {
  const [turn] = readTurns(timeline([...approved.events.slice(0, 7), ...more]), start + 9000)
  expect(turn?.rows.find((row) => row.kind === 'call')?.status).toBe(status)
  expect(turn?.rows.some((row) => row.kind === 'work')).toBe(works)
})

it.each([0, 1, 7, 60, 999, 1000, 64_200, 3_600_000, 86_400_000 * 30])('ticks of %i ms are few and round', (length) => {
  const ticks = ticksOf(length, 7)
  expect(ticks.length).toBeGreaterThan(0)
  expect(ticks.length).toBeLessThanOrEqual(8)
  expect(Math.max(...ticks)).toBeLessThanOrEqual(length)
})
