import type { InboundMessage, StreamFrame } from '@codelab/protocol'
import { array, assert, asyncProperty, boolean, constantFrom, integer, record } from 'fast-check'
import { expect, it } from 'vitest'
import { Executor } from './executor.ts'
import { Turn } from './turn.ts'
import type { Decision, HandedCall, Link, TurnEvent } from './turn-parts.ts'
import { Workspace } from './workspace.ts'

interface Planned {
  readonly tool: string
  readonly arguments: Readonly<Record<string, unknown>>
  readonly requiresApproval: boolean
}

type Frames = readonly StreamFrame[]

/** A server with a plan: so many calls in each answer, handed out in any order; it goes on when all of an answer are settled. */
class PlannedServer implements Link {
  readonly results = new Map<string, number>()
  readonly #plan: readonly (readonly Planned[])[]
  readonly #shuffle: number
  readonly #losing: number
  #open = new Map<string, HandedCall>()
  #step = 0
  #requests = 0
  #said = 0

  constructor(plan: readonly (readonly Planned[])[], shuffle: number, losing: number) {
    this.#plan = plan
    this.#shuffle = shuffle
    this.#losing = losing
  }

  /** Every so many requests are lost: on their way, or with their answer. */
  async *stream(message: InboundMessage): AsyncGenerator<StreamFrame> {
    const request = ++this.#requests
    const isLost = this.#losing > 0 && request % this.#losing === 0
    if (isLost && (request / this.#losing) % 2 === 1) throw new TypeError('fetch failed')
    const frames = this.#take(message)
    if (isLost) yield* frames.slice(0, frames.length / 2)
    else yield* [...frames, { event: 'done', data: { status: 'completed' } } as const]
  }

  #take(message: InboundMessage): Frames {
    if (message.type === 'user_message') {
      this.#said++
      return this.#next()
    }
    if (message.type !== 'tool_result' && message.type !== 'hitl_decision') throw new Error('unexpected')
    const call = this.#open.get(message.call_id)
    if (!call) return [refusal('call_answered')]
    if (message.type === 'hitl_decision' && message.decision !== 'reject') {
      const handed = { ...call, requiresApproval: false }
      this.#open.set(call.callId, handed)
      return [callFrame(handed)]
    }
    this.results.set(call.callId, (this.results.get(call.callId) ?? 0) + 1)
    this.#open.delete(call.callId)
    return this.#open.size === 0 ? this.#next() : []
  }

  #next(): Frames {
    const calls = this.#plan[this.#step++]
    if (!calls || calls.length === 0) return [messageFrame('Done.')]
    const handed = calls.map((call, index) => ({ ...call, callId: `c${this.#step}-${index}` }))
    this.#open = new Map(handed.map((call) => [call.callId, call]))
    const turned = this.#shuffle % handed.length
    const inAnyOrder = [...handed.slice(turned), ...handed.slice(0, turned)]
    return (this.#shuffle % 2 === 0 ? inAnyOrder : inAnyOrder.reverse()).map(callFrame)
  }

  async standing() {
    return this.#open.size > 0 ? ('waiting' as const) : ('idle' as const)
  }

  async openCalls() {
    return [...this.#open.values()]
  }

  async history() {
    return { answer: 'Done.', said: this.#said }
  }

  tellPreview() {}

  decidedElsewhere() {
    return new Promise<void>(() => {})
  }

  async pause() {}
}

function callFrame(call: HandedCall): StreamFrame {
  const { callId, tool, requiresApproval } = call
  const data = {
    type: 'tool_call',
    is_final: true,
    call_id: callId,
    tool_name: tool,
    requires_approval: requiresApproval,
  } as const
  return { event: 'message', data: { ...data, arguments: { ...call.arguments } } }
}

function messageFrame(text: string): StreamFrame {
  const data = {
    type: 'assistant_message',
    content: text,
    token: text,
    is_final: true,
    requires_approval: false,
  } as const
  return { event: 'message', data }
}

function refusal(code: 'call_answered'): StreamFrame {
  const data = {
    type: 'error',
    error: 'no',
    content: 'no',
    is_final: true,
    code,
    retryable: false,
    request_id: 'r',
  } as const
  return { event: 'error', data }
}

async function run(server: Link, decide: (call: HandedCall) => Decision) {
  const events: TurnEvent[] = []
  const executor = new Executor(new Workspace('w', [['a.txt', 'one\n']]))
  const turn = new Turn({
    link: server,
    executor,
    show: (event) => events.push(event),
    decide: async (call) => decide(call),
    now: () => 0,
  })
  await turn.run({ type: 'user_message', content: 'Go' }, 0)
  return { events, executor }
}

const tools = constantFrom<Planned>(
  { tool: 'read_file', arguments: { path: 'a.txt' }, requiresApproval: false },
  { tool: 'list_files', arguments: {}, requiresApproval: false },
  { tool: 'write_file', arguments: { path: 'b.txt', content: 'x' }, requiresApproval: true },
  { tool: 'execute_command', arguments: { command: 'rm -r x' }, requiresApproval: true },
  { tool: 'nobody_knows_it', arguments: {}, requiresApproval: false },
  { tool: 'ask_followup_question', arguments: { question: 'Which?' }, requiresApproval: false },
)

it('ends whatever is handed out, in whatever order, whatever is decided and whatever is lost', async () => {
  const situation = record({
    plan: array(array(tools, { maxLength: 4 }), { maxLength: 4 }),
    shuffle: integer({ min: 0, max: 7 }),
    losing: integer({ min: 0, max: 4 }),
    rejects: boolean(),
  })
  await assert(
    asyncProperty(situation, async ({ plan, shuffle, losing, rejects }) => {
      const server = new PlannedServer(plan, shuffle, losing === 1 ? 0 : losing)
      const { events } = await run(server, (call) => {
        if (call.tool === 'ask_followup_question') return { kind: 'answer', text: 'This' }
        return rejects ? { kind: 'reject', feedback: 'No' } : { kind: 'approve' }
      })
      expect(events.at(-1)).toEqual({ type: 'ended' })
      expect(events.some(({ type }) => type === 'failed')).toBe(false)
      expect([...server.results.values()].every((count) => count === 1)).toBe(true)
      const ran = events.flatMap((event) => (event.type === 'ran' ? [event.call.callId] : []))
      expect(new Set(ran).size).toBe(ran.length)
    }),
    { numRuns: 300 },
  )
})

it('writes a file once a person agreed, and as they changed it', async () => {
  const write = { tool: 'write_file', arguments: { path: 'b.txt', content: 'x' }, requiresApproval: true }
  const { events, executor } = await run(new PlannedServer([[write]], 0, 0), () => ({ kind: 'approve' }))
  expect(events.map(({ type }) => type)).toEqual(['waits', 'decided', 'ran', 'message', 'ended'])
  expect(executor.workspace.read('b.txt')).toBe('x')
})

it('asks nobody about what cannot be done', async () => {
  const command = { tool: 'execute_command', arguments: { command: 'npm test' }, requiresApproval: true }
  const { events } = await run(new PlannedServer([[command]], 0, 0), () => ({ kind: 'approve' }))
  expect(events.map(({ type }) => type)).toEqual(['ran', 'message', 'ended'])
  expect(events[0]).toMatchObject({ outcome: { ok: false, summary: 'no shell here' } })
})

it('goes on with what somebody else decided', async () => {
  const write = { tool: 'write_file', arguments: { path: 'b.txt', content: 'x' }, requiresApproval: true }
  const server = new PlannedServer([[write]], 0, 0)
  const elsewhere: Link = {
    stream: (message) => server.stream(message),
    standing: () => server.standing(),
    openCalls: () => server.openCalls(),
    history: () => server.history(),
    tellPreview: () => {},
    pause: async () => {},
    decidedElsewhere: async (callId) => {
      for await (const _ of server.stream({ type: 'hitl_decision', call_id: callId, decision: 'approve' }));
    },
  }
  const executor = new Executor(new Workspace('w', []))
  const events: TurnEvent[] = []
  const decide = () => new Promise<Decision>(() => {})
  const turn = new Turn({ link: elsewhere, executor, show: (event) => events.push(event), decide, now: () => 0 })
  await turn.run({ type: 'user_message', content: 'Go' }, 0)
  expect(executor.workspace.read('b.txt')).toBe('x')
  expect(events.find(({ type }) => type === 'decided')).toMatchObject({ decision: 'elsewhere' })
})

it('ends at once when it is stopped', async () => {
  const write = { tool: 'write_file', arguments: { path: 'b.txt', content: 'x' }, requiresApproval: true }
  const events: TurnEvent[] = []
  const turn: Turn = new Turn({
    link: new PlannedServer([[write]], 0, 0),
    executor: new Executor(new Workspace('w', [])),
    show: (event) => events.push(event),
    now: () => 0,
    decide: (_, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new Error('stopped')))
        turn.stop()
      }),
  })
  await turn.run({ type: 'user_message', content: 'Go' }, 0)
  expect(events.map(({ type }) => type)).toEqual(['waits', 'ended'])
})
