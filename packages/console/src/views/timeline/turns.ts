import type { SessionTimeline, TimelineCall, TimelineEvent, TimelineModelCall } from '@codelab/protocol'
import { callRows, readCall } from './calls.ts'
import { count, say, timeOf } from './facts.ts'
import type { CallFacts, Row, RowStatus, Span, SpanKind } from './row.ts'
import { spansOf } from './spans.ts'

export interface Turn extends Span {
  readonly id: string
  readonly said: string
  readonly outcome: string
  readonly isOpen: boolean
  readonly rows: readonly Row[]
  readonly spans: readonly (Span & { readonly kind: SpanKind })[]
  readonly inputTokens: number
  readonly outputTokens: number
  /** Undefined: that of a call is not known. */
  readonly cost: number | undefined
}

/** The turns of a session as rows of a waterfall, oldest first; what is open ends `now`. */
export function readTurns(timeline: SessionTimeline, now: number): readonly Turn[] {
  const byTurn = new Map<string, TimelineEvent[]>()
  for (const event of timeline.events) {
    if (event.turn_id === null) continue
    const events = byTurn.get(event.turn_id) ?? []
    byTurn.set(event.turn_id, events)
    events.push(event)
  }
  const calls = new Map((timeline.calls ?? []).map((call) => [call.call_id, call]))
  return [...byTurn].map(([id, events]) =>
    readTurn(id, events, {
      models: (timeline.model_calls ?? []).filter((call) => call.turn_id === id),
      calls,
      said: timeline.said?.find((said) => said.turn_id === id)?.text ?? timeline.title ?? '',
      now,
    }),
  )
}

interface Known {
  readonly models: readonly TimelineModelCall[]
  readonly calls: ReadonlyMap<string, TimelineCall>
  readonly said: string
  readonly now: number
}

interface Step {
  readonly seq: number
  readonly number: number
  readonly agent: string
  readonly models: TimelineModelCall[]
  readonly calls: CallFacts[]
}

function readTurn(id: string, events: readonly TimelineEvent[], known: Known): Turn {
  const ended = events.find(({ type }) => type === 'turn.ended')
  const start = timeOf(events[0]) ?? known.now
  const end = timeOf(ended) ?? Math.max(start, known.now)
  const outcome = say(ended, 'outcome') ?? 'open'
  const isOpen = ended === undefined
  const steps = readSteps(events, known)
  const switches = events.filter(({ type }) => type === 'agent.switched')
  const rows: Row[] = [
    {
      kind: 'turn',
      id,
      seq: events[0]?.seq ?? 0,
      level: 1,
      parent: undefined,
      start,
      end,
      isOpen,
      status: statusOf(outcome),
      said: known.said,
      outcome,
    },
  ]
  const classified = known.models.filter(({ purpose }) => purpose === 'classify')
  const children = [
    ...switches.map((event, index) => () => switchRow(id, event, index, classified)),
    ...steps.map((step, index) => () => stepRows(id, step, index === steps.length - 1, isOpen ? known.now : end)),
  ].map((make) => make())
  children.sort(([a], [b]) => (a?.start ?? 0) - (b?.start ?? 0))
  rows.push(...children.flat())
  const answers = known.models
  return {
    id,
    start,
    end,
    outcome,
    isOpen,
    said: known.said,
    rows,
    spans: spansOf(rows),
    inputTokens: sum(answers, (call) => call.input_tokens),
    outputTokens: sum(answers, (call) => call.output_tokens),
    cost: answers.some(({ cost }) => cost === null) ? undefined : sum(answers, (call) => call.cost ?? 0),
  }
}

/** Model calls in the order in which they were made: those that failed belong to the step that the next one made. */
function readSteps(events: readonly TimelineEvent[], known: Known): readonly Step[] {
  const waiting = new Map<string, TimelineModelCall[]>()
  for (const call of known.models) {
    if (call.purpose !== 'answer') continue
    const calls = waiting.get(call.run_id) ?? []
    waiting.set(call.run_id, calls)
    calls.push(call)
  }
  const steps: Step[] = []
  for (const event of events) {
    if (event.type === 'step.started') {
      steps.push({
        seq: event.seq,
        number: count(event, 'step') ?? steps.length + 1,
        agent: say(event, 'agent') ?? '',
        models: [],
        calls: [],
      })
      steps.at(-1)?.models.push(...takeAnswer(waiting.get(event.run_id ?? '')))
    }
    const callId = event.type === 'tool_call.created' ? say(event, 'callId') : undefined
    if (callId !== undefined) steps.at(-1)?.calls.push(readCall(callId, steps.at(-1)?.number ?? 1, events, known))
  }
  const [first, ...more] = [...waiting.values()].flat()
  if (first)
    steps.push({
      seq: events.at(-1)?.seq ?? 0,
      number: steps.length + 1,
      agent: first.agent,
      models: [first, ...more],
      calls: [],
    })
  return steps
}

/** Up to the first that gave an answer, which is taken too. */
function takeAnswer(calls: TimelineModelCall[] | undefined): TimelineModelCall[] {
  if (!calls) return []
  const answered = calls.findIndex(({ error }) => error === null)
  return calls.splice(0, answered === -1 ? calls.length : answered + 1)
}

function switchRow(
  turn: string,
  event: TimelineEvent,
  index: number,
  models: readonly TimelineModelCall[],
): readonly Row[] {
  const by = say(event, 'by') ?? ''
  const at = timeOf(event) ?? 0
  const model = by === 'router' ? models.findLast((call) => Date.parse(call.at) <= at) : undefined
  const start = model ? Date.parse(model.at) : at
  const facts = {
    from: say(event, 'from') ?? '',
    to: say(event, 'to') ?? '',
    reason: say(event, 'reason') ?? '',
    confidence: say(event, 'confidence'),
    by,
  }
  const end = model ? start + model.duration_ms : at
  return [
    {
      kind: 'switch',
      id: `${turn} switch ${index}`,
      seq: event.seq,
      level: 2,
      parent: turn,
      start,
      end,
      isOpen: false,
      status: 'ok',
      facts,
      model,
    },
  ]
}

function stepRows(turn: string, step: Step, isLastStep: boolean, end: number): readonly Row[] {
  const id = `${turn} step ${step.number}`
  const models = step.models.map((model, index): Row => {
    const start = Date.parse(model.at)
    const status = model.error === null ? 'ok' : 'bad'
    const isLast = isLastStep && step.calls.length === 0 && model.error === null
    const place = {
      id: `${id} model ${index}`,
      seq: step.seq,
      level: 3,
      parent: id,
      start,
      end: start + model.duration_ms,
      isOpen: false,
    }
    return { kind: 'model', ...place, status, model, step: step.number, isLast }
  })
  const calls = step.calls.flatMap((call) => callRows(id, call, end))
  const inner = [...models, ...calls]
  const start = Math.min(...inner.map((row) => row.start), end)
  const isOpen = inner.some((row) => row.isOpen)
  const isBad = step.models.length > 0 && step.models.every(({ error }) => error !== null)
  const status = isBad ? 'bad' : isOpen ? 'run' : 'ok'
  const last = Math.max(start, ...inner.map((row) => row.end))
  return [
    {
      kind: 'step',
      id,
      seq: step.seq,
      level: 2,
      parent: turn,
      start,
      end: last,
      isOpen,
      status,
      number: step.number,
      agent: step.agent,
    },
    ...inner,
  ]
}

function statusOf(outcome: string): RowStatus {
  if (outcome === 'completed') return 'ok'
  if (outcome === 'failed') return 'bad'
  return outcome === 'open' ? 'run' : 'idle'
}

function sum(calls: readonly TimelineModelCall[], figure: (call: TimelineModelCall) => number): number {
  return calls.reduce((total, call) => total + figure(call), 0)
}
