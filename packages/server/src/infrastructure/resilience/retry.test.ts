import { describe, expect, it } from 'vitest'
import { collectUntilThrown } from '../../../test/contract/language-model.ts'
import { sampleRequest } from '../../../test/contract/sample-request.ts'
import type { Clock } from '../../application/ports/clock.ts'
import type { LanguageModel, ModelEvent } from '../../application/ports/language-model.ts'
import { RuntimeError } from '../../domain/errors.ts'
import { type Retry, withRetry } from './retry.ts'

const finish: ModelEvent = { type: 'finish', reason: 'stop' }
const text: ModelEvent = { type: 'text-delta', text: 'a' }
const silent = { debug() {}, info() {}, warn() {}, error() {} }
const busy = (details: object = {}) =>
  new RuntimeError('upstream_unavailable', 'LLM request failed: upstream returned 503', {
    details: { retry: true, status: 503, ...details },
  })

/** One script per call: events, then possibly an error. */
function scripted(...scripts: (ModelEvent | Error)[][]): LanguageModel & { calls: number } {
  return {
    provider: 'demo',
    model: 'scripted',
    calls: 0,
    async *stream() {
      for (const step of scripts[this.calls++] ?? []) {
        if (step instanceof Error) throw step
        yield step
      }
    },
  }
}

function clockThat(sleep: Clock['sleep']): Clock {
  return { now: () => 0, monotonic: () => 0, sleep }
}

async function run(model: LanguageModel, signal?: AbortSignal, onSleep: () => void = () => undefined) {
  const waits: number[] = []
  const retries: Retry[] = []
  const clock = clockThat(async (ms) => {
    waits.push(ms)
    onSleep()
  })
  const onRetry = (retry: Retry): void => void retries.push(retry)
  const asked = withRetry(model, { clock, random: () => 0.5, log: silent, onRetry })
  return { ...(await collectUntilThrown(asked, sampleRequest, signal)), waits, retries }
}

describe('withRetry', () => {
  it('passes on an answer as it is', async () => {
    const { events, error, waits } = await run(scripted([text, finish]))
    expect(events).toEqual([text, finish])
    expect(error).toBeUndefined()
    expect(waits).toEqual([])
  })

  it('asks again, twice at most, with waits that double', async () => {
    const model = scripted([busy()], [busy()], [text, finish])
    const { events, waits, retries } = await run(model)
    expect(events).toEqual([text, { ...finish, attempts: 3 }])
    expect(waits).toEqual([500, 1000])
    expect(retries.map(({ attempt, code }) => [attempt, code])).toEqual([
      [1, 'upstream_unavailable'],
      [2, 'upstream_unavailable'],
    ])
  })

  it('gives up after the third attempt and says how many there were', async () => {
    const model = scripted([busy()], [busy()], [busy()], [text, finish])
    const { error } = await run(model)
    expect(model.calls).toBe(3)
    expect(error).toMatchObject({ code: 'upstream_unavailable', details: { attempts: 3, status: 503 } })
  })

  it('waits as long as the other side asked', async () => {
    const { waits } = await run(scripted([busy({ retryAfterMs: 7_000 })], [finish]))
    expect(waits).toEqual([7_000])
  })

  it('never asks again once something of the answer was passed on', async () => {
    const model = scripted([text, busy()], [text, finish])
    const { events, error } = await run(model)
    expect(events).toEqual([text])
    expect(error?.code).toBe('upstream_unavailable')
    expect(model.calls).toBe(1)
  })

  it('asks again only where the adapter says so', async () => {
    const model = scripted([busy({ retry: false })], [finish])
    expect((await run(model)).error?.details['attempts']).toBe(1)
    expect(model.calls).toBe(1)
  })

  it('makes an unknown failure an internal one', async () => {
    const { error } = await run(scripted([new TypeError('bug')]))
    expect(error).toMatchObject({ code: 'internal', cause: expect.any(TypeError) })
  })

  it('ends the wait with the signal', async () => {
    const cancel = new AbortController()
    const model = scripted([busy()], [finish])
    const { error } = await run(model, cancel.signal, () => cancel.abort())
    expect(error).toMatchObject({ code: 'cancelled' })
    expect(model.calls).toBe(1)
  })
})
