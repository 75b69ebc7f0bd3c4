import { afterEach, describe, expect, it } from 'vitest'
import type { LanguageModel, ModelEvent, ModelRequest } from '../../src/application/ports/language-model.ts'
import { RuntimeError } from '../../src/domain/errors.ts'
import type { AssistantPart, Message, ToolCallPart } from '../../src/domain/message.ts'

/** What the model under test will do when it is asked `request`. */
export type Scenario =
  /** Answers with text. */
  | 'text'
  /** Asks for exactly one tool call. */
  | 'tool-call'
  /** Asks for two or more at once. */
  | 'several-calls'
  /** Fails on the other side before anything of an answer was given. */
  | 'failure'
  /** Gives part of an answer, and no end. */
  | 'incomplete'
  /** Gives part of an answer, and then nothing for a long time. */
  | 'hang'
  /** Thinks, attaches something that only it understands, and asks for one tool call. */
  | 'opaque'

export interface Subject {
  readonly model: LanguageModel
  /** What to ask. Its tools are those that a call may name. */
  readonly request: ModelRequest
  /** The text of the answer, where it is known. */
  readonly text?: string
  /** `failure`: the code to expect. */
  readonly code?: string
  /** `opaque`: what must stand in the next request, and the body of the last request that was sent. */
  readonly opaque?: string
  readonly lastBody?: () => string
  close(): Promise<void>
}

export interface LanguageModelMaker {
  /** Beyond `text` and `tool-call`, which every model can do. */
  readonly can: readonly Exclude<Scenario, 'text' | 'tool-call'>[]
  /** Whether it says how many tokens were used. */
  readonly usage: boolean
  make(scenario: Scenario): Promise<Subject>
}

/** What every LanguageModel must do. Each adapter's test file calls this with its own maker. */
export function describeLanguageModel(name: string, maker: LanguageModelMaker): void {
  describe(`LanguageModel: ${name}`, () => {
    const open: Subject[] = []
    const make = async (scenario: Scenario): Promise<Subject> => {
      const subject = await maker.make(scenario)
      open.push(subject)
      return subject
    }
    afterEach(async () => {
      for (const subject of open.splice(0)) await subject.close()
    })

    describeAnswers(maker, make)
    describeFailures(maker, make)
    describeOpaque(maker, make)
  })
}

function describeAnswers(maker: LanguageModelMaker, make: (scenario: Scenario) => Promise<Subject>): void {
  it('names its provider and its model', async () => {
    const { model } = await make('text')
    expect(model.provider).toMatch(/^[a-z][a-z-]*$/)
    expect(model.model).not.toBe('')
  })

  it('answers with text and finishes once, at the end', async () => {
    const { model, request, text } = await make('text')
    const events = await collect(model, request)
    expectWellFormed(events)
    expect(textOf(events)).not.toBe('')
    if (text !== undefined) expect(textOf(events)).toBe(text)
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'stop' })
    expect(callsIn(events)).toEqual([])
  })

  it('can be asked more than once', async () => {
    const { model, request } = await make('text')
    const first = await collect(model, request)
    expect(textOf(await collect(model, request))).toBe(textOf(first))
  })

  it('asks for a tool that it was offered, with arguments that are an object', async () => {
    const { model, request } = await make('tool-call')
    const events = await collect(model, request)
    expectWellFormed(events)
    const calls = callsIn(events)
    expect(calls).toHaveLength(1)
    expectCalls(calls, request)
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'tool-calls' })
  })

  it.skipIf(!maker.can.includes('several-calls'))('asks for several tools at once, each under its own id', async () => {
    const { model, request } = await make('several-calls')
    const events = await collect(model, request)
    expectWellFormed(events)
    const calls = callsIn(events)
    expect(calls.length).toBeGreaterThan(1)
    expectCalls(calls, request)
    expect(new Set(calls.map(({ callId }) => callId)).size).toBe(calls.length)
  })

  it.skipIf(!maker.usage)('says how many tokens were used, before it finishes', async () => {
    const { model, request } = await make('text')
    const usages = (await collect(model, request)).flatMap((event) => (event.type === 'usage' ? [event.usage] : []))
    expect(usages).toHaveLength(1)
    const [usage] = usages
    expect(usage?.inputTokens).toBeGreaterThan(0)
    expect(usage?.outputTokens).toBeGreaterThan(0)
    expect(usage?.cachedTokens).toBeLessThanOrEqual(usage?.inputTokens ?? 0)
    expect(usage?.reasoningTokens).toBeLessThanOrEqual(usage?.outputTokens ?? 0)
  })
}

function describeFailures(maker: LanguageModelMaker, make: (scenario: Scenario) => Promise<Subject>): void {
  it('throws `cancelled` and says nothing when the signal has fired before', async () => {
    const { model, request } = await make('text')
    const { events, error } = await collectUntilThrown(model, request, AbortSignal.abort())
    expect(error).toMatchObject({ code: 'cancelled' })
    expect(events).toEqual([])
  })

  it('can be left in the middle of an answer', async () => {
    const { model, request } = await make('text')
    for await (const event of model.stream(request, new AbortController().signal)) {
      expect(event.type).toBeDefined()
      break
    }
  })

  it.skipIf(!maker.can.includes('hang'))('throws `cancelled` when the signal fires in the middle', async () => {
    const { model, request } = await make('hang')
    const cancel = new AbortController()
    const { events, error } = await collectUntilThrown(model, request, cancel.signal, () => cancel.abort())
    expect(error).toMatchObject({ code: 'cancelled' })
    expect(events.length).toBeGreaterThan(0)
  })

  it.skipIf(!maker.can.includes('failure'))('turns a failure of the other side into one of ours', async () => {
    const { model, request, code } = await make('failure')
    const { events, error } = await collectUntilThrown(model, request)
    expect(events).toEqual([])
    expect(error).toBeInstanceOf(RuntimeError)
    expect(error?.code).toBe(code)
    expect(error?.message).toMatch(/^LLM request failed: [^/]+$/)
    expect(typeof error?.details['retry']).toBe('boolean')
  })

  it.skipIf(!maker.can.includes('incomplete'))('never finishes an answer that was cut', async () => {
    const { model, request } = await make('incomplete')
    const { events, error } = await collectUntilThrown(model, request)
    expect(error).toMatchObject({ code: 'upstream_incomplete' })
    expect(textOf(events)).not.toBe('')
    expect(events.some((event) => event.type === 'finish')).toBe(false)
  })
}

function describeOpaque(maker: LanguageModelMaker, make: (scenario: Scenario) => Promise<Subject>): void {
  it.skipIf(!maker.can.includes('opaque'))(
    'gives back what only its provider understands, and to nobody else',
    async () => {
      const { model, request, opaque, lastBody } = await make('opaque')
      const parts = partsOf(await collect(model, request))
      await collect(model, { ...request, messages: [...request.messages, ...answered(parts)] })
      expect(lastBody?.()).toContain(opaque)

      const foreign = parts.map((part) =>
        part.opaque ? { ...part, opaque: { ...part.opaque, family: 'other' } } : part,
      )
      await collect(model, { ...request, messages: [...request.messages, ...answered(foreign)] })
      expect(lastBody?.()).toContain('the result')
      expect(lastBody?.()).not.toContain(opaque)
    },
  )
}

export async function collect(model: LanguageModel, request: ModelRequest): Promise<ModelEvent[]> {
  const events: ModelEvent[] = []
  for await (const event of model.stream(request, new AbortController().signal)) events.push(event)
  return events
}

export interface Thrown {
  readonly events: readonly ModelEvent[]
  readonly error: RuntimeError | undefined
}

export async function collectUntilThrown(
  model: LanguageModel,
  request: ModelRequest,
  signal: AbortSignal = new AbortController().signal,
  onEvent: () => void = () => undefined,
): Promise<Thrown> {
  const events: ModelEvent[] = []
  try {
    for await (const event of model.stream(request, signal)) {
      events.push(event)
      onEvent()
    }
  } catch (thrown) {
    if (!(thrown instanceof RuntimeError)) throw thrown
    return { events, error: thrown }
  }
  return { events, error: undefined }
}

export function textOf(events: readonly ModelEvent[]): string {
  return events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')
}

function callsIn(events: readonly ModelEvent[]): Extract<ModelEvent, { type: 'tool-call' }>[] {
  return events.filter((event) => event.type === 'tool-call')
}

/** The parts that the events amount to. */
export function partsOf(events: readonly ModelEvent[]): AssistantPart[] {
  const parts: AssistantPart[] = []
  let open: { type: 'text' | 'reasoning'; text: string } | undefined
  const close = (opaque?: AssistantPart['opaque']): void => {
    if (open) parts.push({ ...open, ...(opaque ? { opaque } : {}) })
    open = undefined
  }
  for (const event of events) {
    if (event.type === 'text-delta' || event.type === 'reasoning-delta') {
      const type = event.type === 'text-delta' ? 'text' : 'reasoning'
      if (open?.type !== type) close()
      open = { type, text: (open?.text ?? '') + event.text }
    } else if (event.type === 'reasoning-end' || event.type === 'text-end') {
      const type = event.type === 'text-end' ? 'text' : 'reasoning'
      if (open?.type !== type) close()
      if (event.opaque) open ??= { type, text: '' }
      close(event.opaque)
    } else if (event.type === 'tool-call') {
      close()
      parts.push(event satisfies ToolCallPart)
    }
  }
  close()
  return parts
}

/** The answer as a stored message, and a result for each of its calls. */
function answered(parts: readonly AssistantPart[]): Message[] {
  const results = parts.flatMap((part): Message[] => {
    if (part.type !== 'tool-call') return []
    const { callId, tool } = part
    return [{ role: 'tool', parts: [{ type: 'tool-result', callId, tool, text: 'the result' }] }]
  })
  return [{ role: 'assistant', parts }, ...results]
}

function expectWellFormed(events: readonly ModelEvent[]): void {
  expect(events.filter((event) => event.type === 'finish')).toHaveLength(1)
  expect(events.at(-1)?.type).toBe('finish')
  for (const event of events) {
    if (event.type === 'text-delta' || event.type === 'reasoning-delta') {
      expect(event.text).not.toBe('')
      expect(event.text.isWellFormed()).toBe(true)
    }
    if (event.type === 'tool-call-delta') expect(event.index).toBeGreaterThanOrEqual(0)
  }
}

function expectCalls(calls: readonly { tool: string; argumentsJson: string }[], request: ModelRequest): void {
  for (const { tool, argumentsJson } of calls) {
    expect(request.tools.map(({ name }) => name)).toContain(tool)
    expect(JSON.parse(argumentsJson)).toBeTypeOf('object')
  }
}
