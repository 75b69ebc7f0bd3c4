import { describe, expect, it } from 'vitest'
import { failureOfError, failureOfStatus, failureOfTransport, readRetryAfter, timedOut } from './failure.ts'

const date = 'Thu, 01 Jan 2026 00:00:00 GMT'
const status = (code: number, text = '', retryAfter?: string) =>
  failureOfStatus('openai-compatible', code, { text, retryAfter, date })
const withCode = (code: string) => new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code }) })

describe('failureOfStatus', () => {
  it.each([
    [302, 'upstream_rejected', false],
    [400, 'upstream_rejected', false],
    [401, 'upstream_auth', false],
    [403, 'upstream_auth', false],
    [404, 'upstream_rejected', false],
    [408, 'upstream_timeout', false],
    [413, 'context_too_long', false],
    [422, 'upstream_rejected', false],
    [429, 'upstream_rate_limited', true],
    [500, 'upstream_unavailable', false],
    [502, 'upstream_unavailable', true],
    [503, 'upstream_unavailable', true],
    [504, 'upstream_unavailable', true],
    [529, 'upstream_unavailable', true],
  ])('%i is %s, worth a retry: %s', (code, expected, retry) => {
    const error = status(code)
    expect(error).toMatchObject({ code: expected, message: `LLM request failed: upstream returned ${code}` })
    expect(error.details).toMatchObject({ status: code, retry })
  })

  it('keeps the text of the upstream for the log only, and short', () => {
    const error = status(500, `http://secret/ ${'x'.repeat(1000)}`)
    expect(error.message).toBe('LLM request failed: upstream returned 500')
    expect(error.details['upstreamText']).toHaveLength(300)
  })

  it.each([
    '{"error":{"code":"context_length_exceeded"}}',
    "This model's maximum context length is 8192 tokens",
    'prompt is too long: 210000 tokens > 200000 maximum',
  ])('knows a context that is too long: %s', (text) => {
    expect(status(400, text).code).toBe('context_too_long')
    expect(status(500, text).code).toBe('upstream_unavailable')
  })

  it('names the setting to look at', () => {
    expect(status(401).details.hint).toBe('Check OPENAI_API_KEY.')
    expect(failureOfStatus('llm-proxy', 403).details.hint).toContain('AGENT_RUNTIME__INTERNAL_API_KEY')
    expect(status(404).details.hint).toContain('OPENAI_BASE_URL')
  })

  it('keeps what Retry-After asks for, and does not wait longer than 30 s', () => {
    expect(status(429, '', '30').details).toMatchObject({ retryAfterMs: 30_000, retry: true })
    expect(status(503, '', '31').details).toMatchObject({ retryAfterMs: 31_000, retry: false })
  })

  it('does not retry what no wait will mend', () => {
    expect(status(429, '{"error":{"code":"insufficient_quota"}}').details['retry']).toBe(false)
  })
})

describe('failureOfError', () => {
  it('takes the status that the error names', () => {
    expect(failureOfError('openai-compatible', { status: 429, text: 'slow down' }).code).toBe('upstream_rate_limited')
  })
  it('is a bad response without one', () => {
    const error = failureOfError('openai-compatible', { text: 'server_error' })
    expect(error).toMatchObject({
      code: 'upstream_bad_response',
      details: { upstreamText: 'server_error', retry: false },
    })
  })
  it('knows a context that is too long', () => {
    expect(failureOfError('openai-compatible', { text: 'context_length_exceeded' }).code).toBe('context_too_long')
  })
})

describe('failureOfTransport', () => {
  it.each([
    ['ECONNREFUSED', 'LLM request failed: connection refused', true],
    ['ECONNRESET', 'LLM request failed: connection reset', true],
    ['UND_ERR_SOCKET', 'LLM request failed: connection reset', true],
    ['ENOTFOUND', 'LLM request failed: host not found', false],
    ['CERT_HAS_EXPIRED', 'LLM request failed: connection failed', false],
  ])('%s before the answer: %s', (code, message, retry) => {
    expect(failureOfTransport('openai-compatible', withCode(code), 'sent')).toMatchObject({
      code: 'upstream_unavailable',
      message,
      details: { retry },
    })
  })

  it('reads the codes of all addresses that were tried', () => {
    const tries = new AggregateError([Object.assign(new Error('a'), { code: 'ECONNREFUSED' })])
    const thrown = new TypeError('fetch failed', { cause: tries })
    expect(failureOfTransport('openai-compatible', thrown, 'sent').message).toContain('connection refused')
  })

  it('is an incomplete answer once it had begun', () => {
    const error = failureOfTransport('openai-compatible', withCode('ECONNRESET'), 'answering')
    expect(error).toMatchObject({ code: 'upstream_incomplete', details: { retry: true } })
  })

  it('is a time-out when the connection took too long', () => {
    const error = failureOfTransport('openai-compatible', withCode('UND_ERR_CONNECT_TIMEOUT'), 'sent')
    expect(error).toMatchObject({
      code: 'upstream_timeout',
      message: 'LLM request failed: timeout',
      details: { retry: true },
    })
  })
})

describe('timedOut', () => {
  it('is worth a retry unless the call was not streamed', () => {
    expect(timedOut('headers').details['retry']).toBe(true)
    expect(timedOut('total').details['retry']).toBe(false)
  })
})

describe('readRetryAfter', () => {
  it.each([
    ['2', 2000],
    [' 0.5 ', 500],
    ['Thu, 01 Jan 2026 00:00:10 GMT', 10_000],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    [null, undefined],
    ['99999999999999999999999', 86_400_000],
    ['Fri, 01 Jan 2100 00:00:00 GMT', 86_400_000],
  ])('%j is %j', (value, expected) => {
    expect(readRetryAfter(value, date)).toBe(expected)
  })

  it('measures a date by the clock of the upstream, and by ours when it does not tell its own', () => {
    const inTenSeconds = new Date(Date.now() + 10_000).toUTCString()
    for (const missing of [undefined, null, 'yesterday']) {
      const waitMs = readRetryAfter(inTenSeconds, missing)
      expect(waitMs).toBeGreaterThan(5_000)
      expect(waitMs).toBeLessThanOrEqual(10_000)
    }
  })
})
