import { describe, expect, it } from 'vitest'
import type { Call, FinishedCall } from '../conversation/events.ts'
import { Style } from './style.ts'
import { Transcript } from './transcript.ts'

const call = (tool: string, values: Record<string, unknown>): Call => ({
  callId: 'c',
  tool,
  arguments: values,
  requiresApproval: false,
})
const done = (
  tool: string,
  values: Record<string, unknown>,
  summary: string,
  ms: number,
  result = {},
): FinishedCall => ({
  call: call(tool, values),
  outcome: { ok: true, result, summary },
  ms,
})

const switched = {
  type: 'agent.switched',
  from: 'orchestrator',
  to: 'coder',
  reason: 'changes request handling and its tests',
  confidence: 'high',
  ms: 900,
} as const

/** The session that the design shows. */
function session(style: Style, columns: number): string {
  const transcript = new Transcript(style)
  return [
    ...transcript.person(
      'Limit POST /orders to 20 requests a minute per API key. Answer 429 with Retry-After. Keep the tests green.',
      columns,
    ),
    ...transcript.handover(switched, columns),
    ...transcript.message('coder', 'I will read the route and look for a limiter that already exists.', columns),
    ...transcript.call(done('search_in_code', { query: 'rateLimit', path: 'src' }, '3 matches', 41), columns),
    ...transcript.call(done('read_file', { path: 'src/routes/orders.ts' }, '64 lines', 12), columns),
    ...transcript.call(
      {
        call: call('read_file', { path: 'src/limits.ts' }),
        outcome: { ok: false, error: 'none', summary: 'file not found' },
        ms: 3,
      },
      columns,
    ),
    ...transcript.message(
      'coder',
      'A limiter lives in src/middleware/rate-limit.ts and already sends Retry-After.',
      columns,
    ),
  ].join('\n')
}

describe('Transcript', () => {
  it('is as drawn, at 80 columns', () => {
    expect(session(new Style({ depth: 'none' }), 80)).toMatchInlineSnapshot(`
      "> Limit POST /orders to 20 requests a minute per API key. Answer 429 with
        Retry-After. Keep the tests green.

        orchestrator → coder  changes request handling and its tests       high, 0.9 s

      coder
        I will read the route and look for a limiter that already exists.

      ✓ search_in_code "rateLimit" in src                          3 matches     41 ms
      ✓ read_file src/routes/orders.ts                              64 lines     12 ms
      ✗ read_file src/limits.ts                               file not found      3 ms

        A limiter lives in src/middleware/rate-limit.ts and already sends Retry-After."
    `)
  })

  it('is readable at 40 columns, in ASCII', () => {
    expect(session(new Style({ depth: 'none', ascii: true }), 40)).toMatchInlineSnapshot(`
      "> Limit POST /orders to 20 requests a
        minute per API key. Answer 429 with
        Retry-After. Keep the tests green.

         orchestrator -> coder     high, 0.9 s

      coder
         I will read the route and look for a
         limiter that already exists.

      ok search_in_code    3 matches     41 ms
      ok read_file src/r..  64 lines     12 ms
      !! read_file    file not found      3 ms

         A limiter lives in
         src/middleware/rate-limit.ts and
         already sends Retry-After."
    `)
  })

  it('shows the last lines of a command that failed, and none of one that did not', () => {
    const transcript = new Transcript(new Style({ depth: 'none' }))
    const output = { exit_code: 2, stdout: '1\n2\n3\u001b[2J\nprogress 1\rprogress 2\n', stderr: '' }
    expect(
      transcript.call(done('execute_command', { command: 'npm run lint' }, 'exit 2, 4 lines', 1900, output), 60),
    ).toEqual(['✗ execute_command npm run lint     exit 2, 4 lines     1.9 s', '  │ 2', '  │ 3', '  │ progress 2'])
    const fine = { exit_code: 0, stdout: 'x\n', stderr: '' }
    expect(transcript.call(done('execute_command', { command: 'true' }, 'exit 0, 1 line', 5, fine), 60)).toHaveLength(1)
  })

  it('ends a turn with what changed, the time and the tokens', () => {
    const transcript = new Transcript(new Style({ depth: 'none' }))
    const end = {
      outcome: 'completed',
      ms: 64_200,
      waitedMs: 28_100,
      usage: { model: 'm', input: 108_600, cached: 0, output: 1900 },
      changes: [{ path: 'src/routes/orders.ts', added: 4, removed: 1 }],
      checks: [],
    } as const
    expect(transcript.turnEnd(end, 80)).toEqual([
      '  changed  src/routes/orders.ts  +4 −1',
      '  turn 64.2 s, of it 28.1 s waiting for you   110.5k tokens',
    ])
  })

  it('says nothing of a tool on more than its own line', () => {
    const transcript = new Transcript(new Style({ depth: 'none' }))
    const lines = transcript.call(done('read_file', { path: 'a\n\u001b[2J[a]pprove' }, 'x\ny', 1), 80)
    expect(lines).toHaveLength(1)
    expect(lines[0]).not.toContain('\u001b')
  })
})
