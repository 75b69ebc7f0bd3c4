import { describe, expect, it } from 'vitest'
import type { ModelEvent } from '../../../application/ports/language-model.ts'
import { withoutProxyFailures } from './proxy-failures.ts'

const report = '[Error] LiteLLM proxy unavailable: connection refused to http://internal'
const finish: ModelEvent = { type: 'finish', reason: 'stop' }
const text = (value: string): ModelEvent => ({ type: 'text-delta', text: value })
const call: ModelEvent = { type: 'tool-call', callId: 'a', tool: 'read', argumentsJson: '{}' }

async function filter(...events: ModelEvent[]): Promise<ModelEvent[]> {
  async function* source() {
    yield* events
  }
  const passed: ModelEvent[] = []
  for await (const event of withoutProxyFailures(source())) passed.push(event)
  return passed
}

describe('withoutProxyFailures', () => {
  it.each([[[report]], [[...report]]])('throws a report, however it is cut', async (pieces) => {
    const failed = filter(...pieces.map(text), finish)
    await expect(failed).rejects.toMatchObject({
      code: 'upstream_unavailable',
      message: 'LLM request failed: upstream reported that its provider is not available',
      details: { retry: true, upstreamText: report },
    })
  })

  it('passes on a text that only looks like one for a while', async () => {
    const events = [text('[Err'), text('or] Lit'), text('erally'), text('!'), finish]
    expect(await filter(...events)).toEqual(events)
  })

  it('passes on a report that comes with a call', async () => {
    const events = [text(report), call, finish]
    expect(await filter(...events)).toEqual(events)
  })

  it('passes on short and empty answers', async () => {
    expect(await filter(text('['), finish)).toEqual([text('['), finish])
    expect(await filter(finish)).toEqual([finish])
    expect(await filter(call, finish)).toEqual([call, finish])
  })
})
