import { describe, expect, it } from 'vitest'
import type { ModelEvent, ModelRequest } from '../../../application/ports/language-model.ts'
import { createDemoModel } from './demo-model.ts'

const tools = ['list_files', 'write_file', 'read_file'].map((name) => ({
  name,
  description: 'd',
  parameters: { type: 'object' },
}))

function request(text: string, change: Partial<ModelRequest> = {}): ModelRequest {
  return {
    purpose: 'answer',
    system: 'You are.',
    messages: [{ role: 'user', parts: [{ type: 'text', text }] }],
    tools,
    ...change,
  }
}

async function collect(events: AsyncIterable<ModelEvent>): Promise<ModelEvent[]> {
  const list: ModelEvent[] = []
  for await (const event of events) list.push(event)
  return list
}

class SleepLog {
  readonly waits: number[] = []
  readonly sleep = async (ms: number) => {
    this.waits.push(ms)
  }
}

const never = new AbortController().signal

describe('the demo model', () => {
  it('says who it is', () => {
    expect(createDemoModel()).toMatchObject({ provider: 'demo', model: 'demo' })
  })

  it('streams words, closes the text, counts and ends', async () => {
    const events = await collect(createDemoModel().stream(request('hello'), never))
    const deltas = events.filter((event) => event.type === 'text-delta')
    expect(deltas.length).toBeGreaterThan(30)
    expect(deltas.every(({ text }) => text.trim().split(/\s+/).length === 1)).toBe(true)
    const text = deltas.map((delta) => delta.text).join('')
    expect(events.slice(deltas.length)).toEqual([
      { type: 'text-end' },
      {
        type: 'usage',
        usage: {
          inputTokens: expect.any(Number),
          cachedTokens: 0,
          outputTokens: Math.round(text.length / 4),
          reasoningTokens: 0,
        },
      },
      { type: 'finish', reason: 'stop', model: 'demo' },
    ])
  })

  it('spaces words out, each by at most 15 ms and all by a bounded time', async () => {
    const clock = new SleepLog()
    await collect(createDemoModel({ clock }).stream(request('hello'), never))
    expect(clock.waits.length).toBeGreaterThan(30)
    expect(Math.max(...clock.waits)).toBeLessThanOrEqual(15)
    const long = new SleepLog()
    const content = 'word '.repeat(20_000)
    const messages = [
      { role: 'user', parts: [{ type: 'text', text: 'show a.txt' }] },
      {
        role: 'assistant',
        parts: [{ type: 'tool-call', callId: '1', tool: 'read_file', argumentsJson: '{"path":"a.txt"}' }],
      },
      {
        role: 'tool',
        parts: [{ type: 'tool-result', callId: '1', tool: 'read_file', text: content.replaceAll(' ', '\n') }],
      },
    ] satisfies ModelRequest['messages']
    await collect(createDemoModel({ clock: long }).stream(request('', { messages }), never))
    expect(long.waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(2000)
  })

  it('names its calls through the ids it is given, and leaves them without ids otherwise', async () => {
    let count = 0
    const withIds = createDemoModel({ ids: { next: () => `n${++count}` } })
    const events = await collect(withIds.stream(request('create a file'), never))
    expect(events.filter(({ type }) => type === 'tool-call')).toEqual([
      { type: 'tool-call', callId: 'call_n1', tool: 'list_files', argumentsJson: '{"path":".","include_hidden":true}' },
    ])
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'tool-calls' })
    const bare = await collect(createDemoModel().stream(request('create a file'), never))
    expect(bare.find(({ type }) => type === 'tool-call')).toMatchObject({ callId: '' })
  })

  it('gives the same answer to the same request', async () => {
    const twice = [1, 2].map(() => collect(createDemoModel().stream(request('create a file'), never)))
    const [one, two] = await Promise.all(twice)
    expect(one).toEqual(two)
  })

  it('stops when it is cancelled, before and in the middle', async () => {
    const model = createDemoModel({ clock: new SleepLog() })
    await expect(collect(model.stream(request('hello'), AbortSignal.abort()))).rejects.toMatchObject({
      code: 'cancelled',
      message: expect.stringMatching(/^LLM request failed: /),
    })
    const controller = new AbortController()
    const seen: ModelEvent[] = []
    const reading = (async () => {
      for await (const event of model.stream(request('hello'), controller.signal)) {
        seen.push(event)
        if (seen.length === 3) controller.abort()
      }
    })()
    await expect(reading).rejects.toMatchObject({ code: 'cancelled' })
    expect(seen).toHaveLength(3)
  })

  it('does not wait for a classification', async () => {
    const clock = new SleepLog()
    const events = await collect(
      createDemoModel({ clock }).stream(request('User request: hi there', { purpose: 'classify', tools: [] }), never),
    )
    expect(clock.waits).toEqual([])
    expect(JSON.parse(events.map((event) => (event.type === 'text-delta' ? event.text : '')).join(''))).toMatchObject({
      agent: 'coder',
    })
  })
})
