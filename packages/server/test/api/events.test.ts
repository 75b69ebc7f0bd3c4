import { AuditLog, EventStats, Metrics, SessionMetrics, SessionsWithMetrics } from '@codelab/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { RuntimeError } from '../../src/application/index.ts'
import type { ModelEvent } from '../../src/application/ports/language-model.ts'
import { asks, Stage, says } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await Stage.open()
  stage.model.script(asks('a-1', 'write_file', { path: 'a.py', content: 'x' }), says('ok'))
  await stage.send('ev-a', { content: 'write' })
  const edit = {
    type: 'hitl_decision',
    call_id: 'a-1',
    decision: 'edit',
    modified_arguments: { path: 'b.py', content: 'y' },
  }
  await stage.send('ev-a', edit, { client: { id: 'laptop' } })
  await stage.send('ev-a', { type: 'tool_result', call_id: 'a-1', error: 'disk is full' })
  stage.model.script(async function* (): AsyncGenerator<ModelEvent> {
    yield* []
    throw new RuntimeError('upstream_unavailable', 'LLM request failed: upstream returned 500')
  })
  await stage.send('ev-b', { content: 'fail' })
})
afterAll(() => stage[Symbol.asyncDispose]())

function expectShape(schema: z.ZodType, body: unknown): void {
  expect(schema.parse(body)).toEqual(body)
}

async function audit(query = '') {
  const { status, body } = await stage.call('GET', `/events/audit-log${query}`)
  expect(status).toBe(200)
  expectShape(AuditLog, body)
  expect(body.count).toBe(body.audit_log.length)
  return body
}

describe('the audit', () => {
  test('every kind of entry, oldest first', async () => {
    const { audit_log: entries, filters } = await audit()
    expect(filters).toEqual({ session_id: null, event_type: null, limit: 100 })
    expect(entries.map((entry: { event_type: string }) => entry.event_type)).toEqual([
      'agent_switched',
      'tool_approval_required',
      'hitl_decision_made',
      'tool_execution_failed',
      'agent_switched',
      'agent_error',
    ])
    expect(entries[1]).toMatchObject({
      session_id: 'ev-a',
      tool_name: 'write_file',
      call_id: 'a-1',
      arguments: { path: 'a.py', content: 'x' },
    })
    expect(entries[1].correlation_id).toBe(entries[0].correlation_id)
    expect(entries[2]).toMatchObject({
      call_id: 'a-1',
      decision: 'edit',
      original_args: { path: 'a.py', content: 'x' },
      modified_args: { path: 'b.py', content: 'y' },
      feedback: null,
      implicit: false,
      by: 'laptop',
    })
    expect(entries[3]).toMatchObject({ tool_name: 'write_file', call_id: 'a-1', error_type: 'tool_error' })
    expect(entries[3].error_message).toContain('disk is full')
    expect(entries[5]).toMatchObject({
      session_id: 'ev-b',
      error_message: 'LLM request failed: upstream returned 500',
      error_type: 'upstream_unavailable',
    })
  })

  test('an entry keeps its id', async () => {
    const ids = async () => (await audit()).audit_log.map((entry: { event_id: string }) => entry.event_id)
    const first = await ids()
    expect(new Set(first).size).toBe(first.length)
    expect(await ids()).toEqual(first)
  })

  test.each([
    ['?session_id=ev-b', ['agent_switched', 'agent_error']],
    ['?event_type=agent_switched', ['agent_switched', 'agent_switched']],
    ['?event_type=tool_execution_failed', ['tool_execution_failed']],
    ['?event_type=hitl_decision_made&session_id=ev-a', ['hitl_decision_made']],
    ['?event_type=agent_error&session_id=ev-a', []],
    ['?event_type=banana', []],
    ['?session_id=nobody', []],
    ['?limit=1', ['agent_error']],
    ['?session_id=&event_type=&limit=2', ['agent_switched', 'agent_error']],
  ])('%s', async (query, types) => {
    const { audit_log: entries } = await audit(query)
    expect(entries.map((entry: { event_type: string }) => entry.event_type)).toEqual(types)
  })

  test.each(['0', '-1', '1001', 'x', ''])('the limit %j is 422', async (limit) => {
    const { status, body } = await stage.call('GET', `/events/audit-log?limit=${limit}`)
    expect([status, body.detail[0].loc]).toEqual([422, ['query', 'limit']])
  })
})

test('the figures agree with what happened', async () => {
  const { body } = await stage.call('GET', '/events/metrics')
  expectShape(Metrics, body)
  expect(body.metrics.agent_switches).toEqual({ orchestrator_to_coder: 2 })
  expect(body.metrics.tool_executions).toEqual({
    write_file: { requested: 1, completed: 0, failed: 1, requires_approval: 1 },
  })
  expect(body.metrics.hitl_decisions).toEqual({ write_file: { APPROVE: 0, EDIT: 1, REJECT: 0 } })
  const runs = Object.values<{ count: number; failure_count: number }>(body.metrics.agent_processing)
  expect(runs.reduce((sum, row) => sum + row.count, 0)).toBe(4)
  expect(runs.reduce((sum, row) => sum + row.failure_count, 0)).toBe(1)
  expect(body.computed.write_file_success_rate).toBe(0)
})

test('model calls of a session', async () => {
  const { body } = await stage.call('GET', '/events/metrics/session/ev-a')
  expectShape(SessionMetrics, body)
  expect(body).toMatchObject({
    session_id: 'ev-a',
    total_requests: 2,
    successful_requests: 2,
    failed_requests: 0,
    total_prompt_tokens: 20,
    total_completion_tokens: 10,
    total_tokens: 30,
    average_tokens_per_request: 15,
    requests_with_tools: 1,
  })
  const failed = (await stage.call('GET', '/events/metrics/session/ev-b')).body
  expect(failed).toMatchObject({ total_requests: 1, failed_requests: 1, average_duration_ms: 0 })
  expect(failed.requests).toMatchObject([
    { success: false, error: 'LLM request failed: upstream returned 500', total_tokens: 0 },
  ])
})

test('of a session without any: 404', async () => {
  await stage.call('POST', '/sessions', { session_id: 'quiet' })
  for (const id of ['quiet', 'nobody']) {
    const { status, body } = await stage.call('GET', `/events/metrics/session/${id}`)
    expect([status, body.error]).toEqual([404, `No metrics found for session ${id}`])
  }
})

test('which sessions have some, and how many events there are', async () => {
  const sessions = (await stage.call('GET', '/events/metrics/sessions')).body
  expectShape(SessionsWithMetrics, sessions)
  expect(sessions).toEqual({ sessions: ['ev-a', 'ev-b'], count: 2 })
  const stats = (await stage.call('GET', '/events/stats')).body
  expectShape(EventStats, stats)
  expect(stats).toMatchObject({ successful_handlers: 0, failed_handlers: 0, success_rate: 0 })
  expect(stats.total_published).toBeGreaterThan(20)
})
