import { expect, it } from 'vitest'
import { timelineRows } from './timeline.ts'

let seq = 0
function event(ms: number, type: string, facts: Record<string, unknown> = {}) {
  seq += 1
  return { seq, at: new Date(ms).toISOString(), type, turn_id: 't1', run_id: 'r1', facts }
}

it('joins the beginning and the end of turns, runs, steps, calls and approvals', () => {
  const rows = timelineRows([
    event(0, 'turn.started', { agent: 'coder' }),
    event(0, 'run.started', { input: 'message', agent: 'coder' }),
    event(40, 'step.started', { step: 1, agent: 'coder', model: 'm' }),
    event(40, 'step.ended', { step: 1, finish: 'tool-calls', inputTokens: 7, outputTokens: 3, durationMs: 25 }),
    event(40, 'tool_call.created', { callId: 'c1', tool: 'write_file' }),
    event(40, 'approval.requested', { callId: 'c1', tool: 'write_file' }),
    event(41, 'run.ended', { outcome: 'awaiting_approval', durationMs: 39 }),
    event(90, 'approval.decided', { callId: 'c1', decision: 'approve', implicit: true, by: 'person' }),
    event(91, 'tool_call.dispatched', { callId: 'c1', tool: 'write_file' }),
  ])
  expect(rows.map(({ kind, tookMs, result }) => [kind, tookMs, result])).toEqual([
    ['turn', null, ''],
    ['run', 39, 'awaiting_approval'],
    ['step', 25, 'tool-calls, 7 + 3 tokens'],
    ['call', null, ''],
    ['approval', 50, 'approve, implicit, by person'],
  ])
})

it('says which rule decided about a call, and when rules came and went', () => {
  const grant = { scope: 'session', tool: 'execute_command', pattern: 'npm test *', effect: 'allow' }
  const rows = timelineRows([
    event(0, 'tool_call.created', { callId: 'c1', tool: 'x', effect: 'ask', rule: 'commands need a person' }),
    event(1, 'grant.created', grant),
    event(2, 'grant.revoked', grant),
  ])
  expect(rows.map(({ text }) => text)).toEqual([
    'x c1, ask: commands need a person',
    'rule made for the session: allow execute_command "npm test *"',
    'rule revoked: allow execute_command "npm test *"',
  ])
})

it('knows an end whose beginning was not read, and the code of a failure', () => {
  const rows = timelineRows([event(5, 'run.ended', { outcome: 'failed', error: { code: 'loop', text: 'secret' } })])
  expect(rows).toEqual([{ at: new Date(5).toISOString(), kind: 'run', text: 'run', tookMs: 0, result: 'failed: loop' }])
})
