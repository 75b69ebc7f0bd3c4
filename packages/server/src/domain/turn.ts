import type { AssistantPart, ToolCallPart } from './message.ts'
import type { Ruling } from './rules.ts'

/** A call of an answer, judged before anything is stored or shown. */
export type PlannedCall =
  /** For the client, once a person agreed if `approval` is set. `argumentsJson` is what will be run: the model's, paths normalised. */
  | {
      readonly kind: 'client'
      readonly part: ToolCallPart
      readonly argumentsJson: string
      readonly approval: JudgedForClient['approval']
      readonly ruling: Ruling | undefined
      /** The first of the calls that carry it out, where it is lowered. */
      readonly firstStep?: CallStep
      /** A handoff that a person is asked about: it runs alone. */
      readonly handsOver?: true
    }
  /** Answered by the runtime itself, at once. */
  | { readonly kind: 'runtime'; readonly part: ToolCallPart; readonly args: Readonly<Record<string, unknown>> }
  | { readonly kind: 'handoff'; readonly part: ToolCallPart; readonly to: string; readonly reason: string }
  /** Ends the turn with this text. */
  | { readonly kind: 'finish'; readonly part: ToolCallPart; readonly text: string }
  | { readonly kind: 'invalid'; readonly part: ToolCallPart; readonly fault: CallFault; readonly ruling?: Ruling }

/** What is to be done with a call for the client: a person is asked where `approval` is set. */
export interface JudgedForClient {
  readonly approval: { readonly reason: string | null } | undefined
  /** What decided; undefined where the contract's policy did. */
  readonly ruling: Ruling | undefined
}

/** A call that is made to carry out a lowered one. */
export interface CallStep extends JudgedForClient {
  readonly tool: string
  readonly argumentsJson: string
}

export interface CallFault {
  readonly code: 'tool_not_allowed' | 'path_not_allowed' | 'tool_arguments_invalid' | 'answer_too_long'
  /** For the model, and for a person unless they have a text of their own. */
  readonly text: string
  readonly forPerson?: string
  /** The agent may not do this at all, as opposed to having said it wrongly. */
  readonly refused: boolean
}

/** What follows from an answer. */
export type NextStep =
  | { readonly kind: 'end'; readonly text: string }
  | { readonly kind: 'handoff'; readonly call: Extract<PlannedCall, { kind: 'handoff' }> }
  | { readonly kind: 'await-client'; readonly calls: readonly Extract<PlannedCall, { kind: 'client' }>[] }
  /** Every call that is run has its result already: the model is asked again. */
  | { readonly kind: 'go-on' }
  /** Every call was faulty: the model is told and asked again. */
  | { readonly kind: 'ask-again'; readonly fault: CallFault }
  | { readonly kind: 'fail'; readonly fault: CallFault }

export interface AnswerState {
  /** Text and reasoning of the answer, without its calls. */
  readonly text: string
  readonly calls: readonly PlannedCall[]
  /** Answers in a row before this one of which every call was faulty. */
  readonly faultyAnswers: number
  /** A client that declared nothing is shown a refusal at once, as the service it was made for does (PROTOCOL 4.3). */
  readonly showsRefusals: boolean
}

/** How often a model may correct itself. */
const faultyAnswerLimit = 2

/** The one place that decides how a turn goes on after an answer. A handoff runs alone (DESIGN 8); faulty calls beside good ones have
 *  their error result, and the good ones go on. */
export function nextStep(state: AnswerState): NextStep {
  const handoff = state.calls.find((call) => call.kind === 'handoff')
  if (handoff) return { kind: 'handoff', call: handoff }
  const calls = state.calls.filter((call) => call.kind === 'client')
  const handingOver = calls.find((call) => call.handsOver)
  if (handingOver) return { kind: 'await-client', calls: [handingOver] }
  if (calls.length > 0) return { kind: 'await-client', calls }
  if (state.calls.some((call) => call.kind === 'runtime')) return { kind: 'go-on' }
  const faults = state.calls.filter((call) => call.kind === 'invalid').map((call) => call.fault)
  const [fault] = faults
  if (fault) {
    const refused = faults.find((candidate) => candidate.refused)
    if (refused && state.showsRefusals) return { kind: 'fail', fault: refused }
    if (state.faultyAnswers >= faultyAnswerLimit) return { kind: 'fail', fault }
    return { kind: 'ask-again', fault }
  }
  const finish = state.calls.find((call) => call.kind === 'finish')
  const text = finish ? [state.text, finish.text].filter((piece) => piece !== '').join('\n\n') : state.text
  return { kind: 'end', text }
}

/** The calls of an answer that get a result without being run: faulty ones always, and all others beside a handoff; an answer that ends
 *  the turn keeps no calls. */
export function unrunCalls(calls: readonly PlannedCall[], next: NextStep): readonly PlannedCall[] {
  if (next.kind === 'end') return []
  if (next.kind === 'handoff') return calls.filter((call) => call !== next.call)
  const waiting: readonly PlannedCall[] = next.kind === 'await-client' ? next.calls : []
  return calls.filter((call) => !waiting.includes(call) && call.kind !== 'runtime')
}

/** What is stored of an answer that ends the turn: its calls became text. */
export function finalParts(parts: readonly AssistantPart[], text: string): readonly AssistantPart[] {
  if (!parts.some((part) => part.type === 'tool-call')) return parts
  return [...parts.filter((part) => part.type === 'reasoning'), { type: 'text', text }]
}
