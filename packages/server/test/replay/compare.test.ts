import { describe, expect, test } from 'vitest'
import { compare, type Superset } from './compare.ts'
import { applied, gone, recordedAt } from './difference.ts'
import { differences } from './differences.ts'
import { expectedOnSocket, expectedOutcome } from './normalise.ts'
import { type Json, loadRecordings, type Step } from './recording.ts'
import { supersetOf } from './superset.ts'

function paths(expected: Json, actual: Json, superset?: Superset): string[] {
  return compare(expected, actual, { bindings: new Map(), ...(superset && { superset }) }).map(({ path }) => path)
}

describe('compare', () => {
  test('finds a missing key, another value, a further key, another length', () => {
    expect(paths({ a: 1, b: [1, 2] }, { b: [1, 3], c: 0 })).toEqual(['a', 'b.1', '.c'])
    expect(paths([1], [1, 2])).toEqual([''])
    expect(paths({ a: null }, { a: 0 })).toEqual(['a'])
  })

  test('binds a placeholder once and for all', () => {
    const id = '0f8fad5b-d9cb-469f-a165-70867728950e'
    const other = '7c9e6679-7425-40de-944b-e07fc1f90ae7'
    expect(paths(['<UUID_1>', 'call_<UUID_1>'], [id, `call_${id}`])).toEqual([])
    expect(paths(['<UUID_1>', '<UUID_1>'], [id, other])).toEqual(['.1'])
    expect(paths(['<UUID_1>'], ['not-a-uuid'])).toEqual(['.0'])
  })

  test('wants timestamps with Z and a fraction', () => {
    expect(paths('<TS:naive>', '2026-01-18T21:00:00.123Z')).toEqual([])
    expect(paths('<TS:naive>', '2026-01-18T21:00:00.123456')).toEqual([''])
    expect(paths('<TS:+00:00>', '2026-01-18T21:00:00.123456+00:00')).toEqual([''])
  })

  test('takes JSON in a text as JSON, with its keys in order', () => {
    expect(paths('{"a": 1, "b": 2}', '{"a":1,"b":2}')).toEqual([])
    expect(paths('Done after 1 tool result(s). Last: {"a": 1}', 'Done after 1 tool result(s). Last: {"a":1}')).toEqual(
      [],
    )
    expect(paths('{"a": 1, "b": 2}', '{"b":2,"a":1}')).toEqual([''])
  })

  test('allows the superset, and only when it is right', () => {
    const superset = supersetOf('POST', '/sessions')
    const recorded = { body: { session_id: 'x', message_count: 0 } }
    const whole = { id: 'x', session_id: 'x', message_count: 0, is_active: true }
    expect(paths(recorded, { body: whole }, superset)).toEqual([])
    expect(paths(recorded, { body: { ...whole, id: 'y' } }, superset)).toEqual(['body'])
    expect(paths(recorded, { body: { ...whole, model: 'm' } }, superset)).toEqual(['body.model'])
    expect(paths(recorded, { body: { session_id: 'x', message_count: 0 } }, superset)).toEqual(['body', 'body'])
  })

  test('wants a code that is one of the closed set', () => {
    const superset = supersetOf('GET', '/sessions/x/history')
    const recorded = expectedOutcome({ status: 404, headers: {}, body: { error: 'no' } }, undefined)
    const body = { detail: 'no', error: 'no', code: 'not_found', request_id: 'r' }
    expect(paths(recorded, { status: 404, headers: {}, body }, superset)).toEqual([])
    expect(paths(recorded, { status: 404, headers: {}, body: { ...body, code: 'nope' } }, superset)).toEqual(['body'])
  })
})

describe('the table of differences', () => {
  const recordings = new Map(loadRecordings().map((recording) => [recording.name, recording]))
  const steps = (step: Step | undefined, part: string | undefined) =>
    part === undefined ? step : step?.parallel?.[Number(part)]

  test.each(differences)('$recording step $step $at', (row) => {
    const [index, part] = String(row.step).split('.')
    const step = steps(recordings.get(row.recording)?.steps[Number(index)], part)
    expect(step).toBeDefined()
    const isStream = step?.request?.path === '/agent/message/stream' || step?.parallel !== undefined
    const upstream = step?.upstream_requests ?? (isStream ? [] : undefined)
    const earlier = differences
      .slice(0, differences.indexOf(row))
      .filter((one) => one.recording === row.recording && one.step === row.step)
    const recorded = step?.ws
      ? expectedOnSocket(step)
      : expectedOutcome(step?.response ?? { status: null, headers: {} }, upstream)
    const before = earlier.reduce(applied, recorded)
    const after = recordedAt(applied(before, row), row.at)
    if (row.expect === gone) expect(after).toBeUndefined()
    else expect(after).not.toEqual(recordedAt(before, row.at))
    expect(row.because).toMatch(/PROTOCOL|DESIGN|CLIENTS|no contract/)
  })
})
