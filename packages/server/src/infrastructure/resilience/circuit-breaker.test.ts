import { afterEach, describe, expect, it, vi } from 'vitest'
import { collectUntilThrown } from '../../../test/contract/language-model.ts'
import { sampleRequest } from '../../../test/contract/sample-request.ts'
import type { LanguageModel, ModelEvent } from '../../application/ports/language-model.ts'
import { type ErrorCode, RuntimeError } from '../../domain/errors.ts'
import { Breaker, withBreaker } from './circuit-breaker.ts'
import { withRetry } from './retry.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
const answer: ModelEvent[] = [
  { type: 'text-delta', text: 'a' },
  { type: 'finish', reason: 'stop' },
]

function fault(code: ErrorCode, details: object = {}): RuntimeError {
  return new RuntimeError(code, 'LLM request failed', { details: { retry: false, ...details } })
}

const away = fault('upstream_unavailable', { status: 503 })

type Behaviour = () => AsyncIterable<ModelEvent>

async function* says(): AsyncGenerator<ModelEvent> {
  yield* answer
}

function throwing(error: Error): Behaviour {
  return async function* () {
    yield* [] as ModelEvent[]
    throw error
  }
}

/** A breaker of 3 failures in 1 s that opens for 5 s, on a clock that the test moves. */
function stage() {
  let now = 1_000
  const clock = { now: () => 0, monotonic: () => now, sleep: async () => {} }
  const breaker = new Breaker({ failures: 3, windowMs: 1_000, openMs: 5_000, clock, log: silent })
  let behaviour: Behaviour = says
  let calls = 0
  const bare: LanguageModel = {
    provider: 'demo',
    model: 'm',
    stream: () => {
      calls++
      return behaviour()
    },
  }
  const ask = async (as: Behaviour, model = withBreaker(bare, breaker)) => {
    behaviour = as
    const { error } = await collectUntilThrown(model, sampleRequest)
    return error?.code ?? 'ok'
  }
  return {
    breaker,
    bare,
    clock,
    ask,
    calls: () => calls,
    pass: (ms: number) => {
      now += ms
    },
    open: async () => {
      for (let call = 0; call < 3; call++) await ask(throwing(away))
    },
  }
}

describe('a breaker', () => {
  afterEach(() => vi.useRealTimers())

  it('passes an answer on as it is', async () => {
    const { breaker, bare } = stage()
    const { events, error } = await collectUntilThrown(withBreaker(bare, breaker), sampleRequest)
    expect(events).toEqual(answer)
    expect(error).toBeUndefined()
  })

  it('opens after so many failures in a row and says how long', async () => {
    const { ask, breaker, calls, open, pass, bare } = stage()
    await open()
    expect(breaker.state).toEqual({ state: 'open', failures: 3, retryAfterMs: 5_000 })
    pass(1_500)
    const { error } = await collectUntilThrown(withBreaker(bare, breaker), sampleRequest)
    expect(error).toMatchObject({
      code: 'circuit_open',
      message: 'Circuit breaker is OPEN. Service unavailable. Retry after 4 seconds.',
      details: { retryAfterMs: 3_500 },
    })
    expect(await ask(says)).toBe('circuit_open')
    expect(calls()).toBe(3)
  })

  it.each([3_600_000, -3_600_000])('opens again in its time when the clock has jumped by %i ms', async (jump) => {
    vi.useFakeTimers({ toFake: ['Date'] })
    const { ask, open, pass } = stage()
    await open()
    vi.setSystemTime(Date.now() + jump)
    pass(4_999)
    expect(await ask(says)).toBe('circuit_open')
    pass(1)
    expect(await ask(says)).toBe('ok')
  })

  it('is shared by the models of an upstream', async () => {
    const { ask, breaker, bare, open } = stage()
    await open()
    expect(await ask(says, withBreaker({ ...bare, model: 'another' }, breaker))).toBe('circuit_open')
  })

  it('forgets failures that an answer followed, and old ones', async () => {
    const { ask, breaker, pass } = stage()
    await ask(throwing(away))
    await ask(throwing(away))
    await ask(says)
    expect(breaker.state).toMatchObject({ state: 'closed', failures: 0 })
    await ask(throwing(away))
    pass(600)
    await ask(throwing(away))
    pass(600)
    await ask(throwing(away))
    expect(breaker.state).toMatchObject({ state: 'closed', failures: 2 })
  })

  it.each([
    ['upstream_unavailable', { status: 500 }, 'open'],
    ['upstream_unavailable', {}, 'open'],
    ['upstream_timeout', {}, 'open'],
    ['upstream_timeout', { status: 408 }, 'closed'],
    ['upstream_rate_limited', { status: 429 }, 'closed'],
    ['upstream_auth', { status: 401 }, 'closed'],
    ['upstream_rejected', { status: 400 }, 'closed'],
    ['upstream_bad_response', {}, 'closed'],
    ['cancelled', {}, 'closed'],
  ] as const)('%s %j leaves it %s', async (code, details, expected) => {
    const { ask, breaker } = stage()
    for (let call = 0; call < 5; call++) await ask(throwing(fault(code, details)))
    expect(breaker.state.state).toBe(expected)
  })

  it('looks no further than the first event', async () => {
    const { ask, breaker } = stage()
    const cut: Behaviour = async function* () {
      yield { type: 'text-delta', text: 'a' }
      throw fault('upstream_incomplete')
    }
    for (let call = 0; call < 5; call++) expect(await ask(cut)).toBe('upstream_incomplete')
    expect(breaker.state).toMatchObject({ state: 'closed', failures: 0 })
  })

  it('closes when its one probe is answered, and refuses others meanwhile', async () => {
    const { ask, breaker, calls, open, pass, bare } = stage()
    await open()
    pass(5_000)
    const { promise, resolve } = Promise.withResolvers<void>()
    const probe = ask(async function* () {
      await promise
      yield* answer
    })
    expect(breaker.state.state).toBe('half_open')
    const { error } = await collectUntilThrown(withBreaker(bare, breaker), sampleRequest)
    expect(error?.code).toBe('circuit_open')
    expect(calls()).toBe(4)
    resolve()
    expect(await probe).toBe('ok')
    expect(breaker.state).toEqual({ state: 'closed', failures: 0, retryAfterMs: 0 })
  })

  it('opens again when the probe fails, and tries another when it was cancelled', async () => {
    const { ask, breaker, open, pass } = stage()
    await open()
    pass(5_000)
    expect(await ask(throwing(away))).toBe('upstream_unavailable')
    expect(breaker.state).toMatchObject({ state: 'open', retryAfterMs: 5_000 })
    pass(5_000)
    expect(await ask(throwing(fault('cancelled')))).toBe('cancelled')
    expect(breaker.state.state).toBe('half_open')
    expect(await ask(throwing(fault('upstream_auth', { status: 401 })))).toBe('upstream_auth')
    expect(breaker.state.state).toBe('closed')
  })

  it('counts a call once however often it was tried, and stops the tries of others when it opens', async () => {
    const { ask, bare, breaker, calls, clock } = stage()
    const busy = fault('upstream_unavailable', { status: 503, retry: true })
    const retried = withRetry(bare, {
      clock,
      random: () => 0,
      log: silent,
      mayRetry: () => breaker.state.state === 'closed',
    })
    const model = withBreaker(retried, breaker)
    expect(await ask(throwing(busy), model)).toBe('upstream_unavailable')
    expect([breaker.state.failures, calls()]).toEqual([1, 3])
    await ask(throwing(busy), model)
    await ask(throwing(busy), model)
    const before = calls()
    expect(await ask(throwing(busy), retried)).toBe('upstream_unavailable')
    expect(calls()).toBe(before + 1)
  })
})
