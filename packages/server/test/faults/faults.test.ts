import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readFrames } from '../frames.ts'
import { ofOneProcess } from '../replicas/of-one-process.ts'
import { internalKey, refusedUrl, ServerProcess } from '../server-process.ts'
import { greeting } from './faults.ts'
import { type FaultyUpstream, startFaultyUpstream } from './faulty-upstream.ts'
import { secret } from './replies.ts'

const limits = {
  CODELAB_UPSTREAM_HEADERS_MS: '400',
  CODELAB_UPSTREAM_FIRST_DATA_MS: '400',
  CODELAB_UPSTREAM_IDLE_MS: '400',
  CODELAB_TURN_STEPS: '6',
  CODELAB_TURN_TOKENS: '100000',
  CODELAB_MULTI_AGENT_MODE: 'false',
  CODELAB_MODEL: 'openai:m',
  OPENAI_API_KEY: secret,
}
/** Three tries with the longest waits between them, and a run of several steps. */
const longestMs = 8_000
const leaks = new RegExp(
  `${secret}|https?:|127\\.0\\.0\\.1|localhost|node_modules|/tmp/|\\.[jt]s:\\d|ECONN|UND_ERR|\\bat \\S+ \\(`,
)

interface Chunk {
  readonly type: string
  readonly content?: string
  readonly call_id?: string
  readonly tool_name?: string
  readonly code?: string
  readonly retry_after?: number
}

async function send(server: ServerProcess, session: string, message: object): Promise<readonly Chunk[]> {
  const response = await fetch(`${server.url}/agent/message/stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-internal-auth': internalKey },
    body: JSON.stringify({ session_id: session, message }),
    signal: AbortSignal.timeout(longestMs),
  })
  const raw = await response.text()
  expect(response.status).toBe(200)
  expect(raw).not.toMatch(leaks)
  const { events, faults } = readFrames(raw)
  expect(faults).toEqual([])
  expect(events.at(-1)?.event).toBe('done')
  return events.slice(0, -1).map(({ data }) => data as unknown as Chunk)
}

const say = (server: ServerProcess, session: string, content: string) =>
  send(server, session, { type: 'user_message', content })

/** Says it and runs the tools that are asked for, until the turn ends; the last chunk of all, and the calls. */
async function turn(server: ServerProcess, session: string, content: string) {
  const called: string[] = []
  let last = (await say(server, session, content)).at(-1)
  while (last?.type === 'tool_call') {
    called.push(last.call_id ?? '')
    const result = { type: 'tool_result', call_id: last.call_id, tool_name: last.tool_name, result: { content: 'x' } }
    last = (await send(server, session, result)).at(-1)
  }
  return { end: last, called }
}

describe('an upstream that fails', () => {
  let upstream: FaultyUpstream
  let server: ServerProcess
  beforeAll(async () => {
    upstream = await startFaultyUpstream()
    const env = { ...limits, OPENAI_BASE_URL: upstream.url, CODELAB_BREAKER_FAILURES: '1000' }
    server = await ServerProcess.start({ env })
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
    await upstream.close()
  })

  /** The next turn of the session works, with a provider that refuses whatever it can. */
  async function worksAfter(session: string): Promise<void> {
    const { end } = await turn(server, session, 'and now?')
    expect(end).toMatchObject({ type: 'assistant_message', content: 'fine' })
    expect(upstream.refused).toEqual([])
  }

  it.concurrent.each([
    ['reset', 'upstream_unavailable', 3],
    ['rate_limited', 'upstream_rate_limited', 3],
    ['status_500', 'upstream_unavailable', 1],
    ['status_503', 'upstream_unavailable', 3],
    ['status_401', 'upstream_auth', 1],
    ['status_403', 'upstream_auth', 1],
    ['status_400', 'upstream_rejected', 1],
    ['context', 'context_too_long', 1],
    ['hang_headers', 'upstream_timeout', 3],
    ['hang_first', 'upstream_timeout', 3],
    ['hang_mid', 'upstream_timeout', 1],
    ['heartbeat_stall', 'upstream_timeout', 1],
    ['truncate', 'upstream_incomplete', 1],
    ['truncate_clean', 'upstream_incomplete', 1],
    ['malformed_json', 'upstream_bad_response', 1],
    ['html', 'upstream_bad_response', 1],
    ['empty', 'upstream_bad_response', 1],
    ['no_choices', 'upstream_bad_response', 1],
    ['midstream_error', 'upstream_bad_response', 1],
    ['huge_chunk', 'answer_too_long', 1],
    ['bad_tool_args', 'tool_arguments_invalid', 3],
    ['unknown_tool', 'tool_not_allowed', 1],
    ['empty_tool_name', 'tool_not_allowed', 1],
    ['runaway', 'step_limit', 6],
    ['same_again', 'loop', 4],
    ['costly', 'token_limit', 2],
    ['length_in_call', 'answer_too_long', 3],
    ['cut_arguments', 'answer_too_long', 3],
  ] as const)('%s ends as %s after %i calls', async (fault, code, calls) => {
    const { end } = await turn(server, fault, `#${fault}`)
    expect(end).toMatchObject({ type: 'error', code })
    expect(upstream.calls(fault)).toBe(calls)
    if (fault === 'rate_limited') expect(end?.retry_after).toBe(1)
    await worksAfter(fault)
  })

  it.concurrent.each([
    ['null_content', ''],
    ['wrong_ctype', greeting],
    ['crlf', greeting],
    ['comments', greeting],
    ['utf8_split', greeting],
    ['slow_drip', greeting],
    ['nul_bytes', 'a\ufffdb'],
    ['lone_surrogate', 'a\ufffdb'],
    ['fail_n', greeting],
    ['rate_limited_once', greeting],
  ] as const)('%s is answered', async (fault, text) => {
    const { end } = await turn(server, fault, `#${fault}`)
    expect(end).toMatchObject({ type: 'assistant_message', content: text })
    await worksAfter(fault)
  })

  it.concurrent.each([
    ['dup_tool_id', 2],
    ['no_tool_id', 1],
  ] as const)('%s: each call has an id of its own', async (fault, count) => {
    const { end, called } = await turn(server, fault, `#${fault}`)
    expect(end).toMatchObject({ type: 'assistant_message', content: greeting })
    expect(new Set(called.filter((id) => id !== '')).size).toBe(count)
    await worksAfter(fault)
  })

  it('keeps what was shown of a cut answer, never as a finished one', async () => {
    await turn(server, 'kept', '#truncate_clean')
    const response = await fetch(`${server.url}/sessions/kept/history`, { headers: { 'x-internal-auth': internalKey } })
    const { messages } = (await response.json()) as { messages: readonly { role: string; content: string }[] }
    expect(messages.at(-1)?.content).toMatch(/^Half an /)
    await worksAfter('kept')
  })

  it('holds up nobody else while 20 calls hang', async () => {
    const hanging = Array.from({ length: 20 }, (_, i) => turn(server, `hanging-${i}`, '#hang_mid'))
    const started = performance.now()
    expect((await turn(server, 'free', 'hi')).end).toMatchObject({ content: 'fine' })
    expect(performance.now() - started).toBeLessThan(3_000)
    for (const { end } of await Promise.all(hanging)) expect(end?.code).toBe('upstream_timeout')
  })
})

ofOneProcess.describe('an upstream that is away', () => {
  it('is left alone, said to be so, and tried again', async () => {
    const url = await refusedUrl()
    const env = {
      ...limits,
      OPENAI_BASE_URL: `${url}/v1`,
      CODELAB_BREAKER_FAILURES: '2',
      CODELAB_BREAKER_OPEN_MS: '2500',
      CODELAB_UPSTREAM_RETRIES: '0',
    }
    await using server = await ServerProcess.start({ env })
    const health = async (path: string) =>
      (await fetch(`${server.url}${path}`, { headers: { 'x-internal-auth': internalKey } })).json()

    for (let call = 0; call < 2; call++) {
      expect((await turn(server, 'away', 'hi')).end).toMatchObject({ type: 'error', code: 'upstream_unavailable' })
    }
    const { end } = await turn(server, 'away', 'hi')
    expect(end).toMatchObject({ type: 'error', code: 'circuit_open', retry_after: expect.any(Number) })
    expect(end?.content).toMatch(/^Circuit breaker is OPEN\. Service unavailable\. Retry after \d seconds\.$/)
    expect(await health('/health')).toMatchObject({ status: 'degraded' })
    expect(await health('/health/ready')).toMatchObject({
      status: 'degraded',
      details: { upstream: { state: 'open', failures: 2 } },
    })

    const upstream = await startFaultyUpstream(Number(new URL(url).port))
    try {
      await sleep(2_500)
      expect((await turn(server, 'away', 'hi')).end).toMatchObject({ type: 'assistant_message', content: 'fine' })
      expect(upstream.refused).toEqual([])
      expect(await health('/health')).toMatchObject({ status: 'healthy' })
    } finally {
      await upstream.close()
    }
  })
})
