import { DeadLetters, ReplayedDeadLetters } from '@codelab/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Meters } from '../../src/infrastructure/observability/meters.ts'
import { createPrometheus } from '../../src/infrastructure/observability/prometheus.ts'
import { key, Stage } from '../api/stage.ts'

const meters = new Meters()
const expose = createPrometheus(meters)
let stage: Stage
beforeAll(async () => {
  stage = await Stage.open({
    meters: {
      request: (row) => meters.requests.add(row),
      show: ({ streamsOpen }) =>
        expose(async () => ({
          runsActive: 2,
          oldestRunSeconds: 1.5,
          inputsWaiting: 3,
          streamsOpen,
          eventLoopDelaySeconds: 0.01,
          upstreams: [{ provider: 'openai-compatible', state: 'half_open', failures: 5 }],
          handlers: { deadLetters: 4, lags: [{ handler: 'metric_rollups', events: 7 }] },
        })),
    },
  })
})
afterAll(() => stage[Symbol.asyncDispose]())

test('Prometheus needs the key', async () => {
  expect((await stage.app.inject({ url: '/metrics' })).statusCode).toBe(401)
})

test('Prometheus reads what was counted, by the pattern of the route', async () => {
  await stage.call('GET', '/sessions/nobody')
  await stage.call('GET', '/sessions/nobody-else')
  meters.modelCalls.add({ provider: 'p', model: 'm', outcome: 'ok' })
  for (const seconds of [0.2, 0.3, 500]) meters.firstToken('p', 'm', seconds)
  const response = await stage.app.inject({ url: '/metrics', headers: { 'x-internal-auth': key } })
  expect(response.statusCode).toBe(200)
  expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  const lines = response.body.split('\n')
  for (const line of [
    'codelab_runs_active 2',
    'codelab_oldest_run_seconds 1.5',
    'codelab_inputs_waiting 3',
    'codelab_streams_open 0',
    'codelab_history_repairs_total 0',
    'codelab_dead_letters 4',
    'codelab_handler_lag_events{handler="metric_rollups"} 7',
    'codelab_upstream_circuit_state{provider="openai-compatible",state="closed"} 0',
    'codelab_upstream_circuit_state{provider="openai-compatible",state="half_open"} 1',
    'codelab_upstream_failures{provider="openai-compatible"} 5',
    'codelab_model_calls_total{provider="p",model="m",outcome="ok"} 1',
    'codelab_http_requests_total{route="/sessions/:session_id",method="GET",status="404"} 2',
    'codelab_http_requests_total{route="/metrics",method="GET",status="401"} 1',
    '# TYPE codelab_model_first_token_seconds histogram',
    'codelab_model_first_token_seconds_bucket{provider="p",model="m",le="0.25"} 1',
    'codelab_model_first_token_seconds_bucket{provider="p",model="m",le="0.5"} 2',
    'codelab_model_first_token_seconds_bucket{provider="p",model="m",le="+Inf"} 3',
    'codelab_model_first_token_seconds_count{provider="p",model="m"} 3',
  ]) {
    expect(lines).toContain(line)
  }
  expect(response.body).toContain('process_resident_memory_bytes ')
})

test('dead letters are listed, and a replay names one or all', async () => {
  const list = await stage.call('GET', '/events/dead-letters')
  expect(DeadLetters.parse(list.body)).toEqual({ dead_letters: [], count: 0, total: 0 })
  const replay = (body: unknown) => stage.call('POST', '/events/dead-letters/replay', body)
  expect(ReplayedDeadLetters.parse((await replay({ all: true })).body)).toEqual({
    replayed: 0,
    failed: 0,
    remaining: 0,
  })
  expect((await replay({ id: 7 })).status).toBe(404)
  for (const wrong of [{}, { all: false }, { id: 0 }, { id: 1, all: true }])
    expect((await replay(wrong)).status).toBe(422)
})
