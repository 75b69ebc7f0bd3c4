import type { RuleEffect } from './rules.ts'
import type { InputKind, RunOutcome, StoredMessage } from './session.ts'
import type { Decision, SyntheticReason, ToolCall, ToolCallState } from './tool-call.ts'

/** What a run failed of, as a client may read it. */
export interface Failure {
  readonly code: string
  readonly text: string
  readonly retryAfterMs?: number
}

/** The facts of each event: ids and small values. Texts, arguments and results live once, in their tables (DESIGN 5). */
export interface EventFacts {
  'session.created': Record<never, never>
  'session.renamed': Record<never, never>
  /** Null: none any more. */
  'session.model_chosen': { model: string | null }
  /** Agents that the workspace of the session has as files, and what is wrong with files. */
  'agents.declared': {
    agents: readonly string[]
    faults: readonly { readonly file: string; readonly line: number; readonly text: string }[]
  }
  'session.deleted': Record<never, never>
  'message.created': { messageId: string; role: 'user' | 'assistant' | 'tool' }
  'turn.started': { agent: string }
  /** Somebody asked to stop it; stored before anything is stopped. */
  'turn.cancelling': Record<never, never>
  'turn.ended': { outcome: 'completed' | 'failed' | 'cancelled' | 'interrupted'; steps: number }
  'run.started': { input: InputKind; agent: string }
  /** `durationMs`: of a run that worked, measured; `at` follows the clock of the machine, which may jump. */
  'run.ended': { outcome: RunOutcome; error?: Failure; tool?: string; durationMs?: number }
  'step.started': { step: number; agent: string; model: string }
  'step.ended': {
    step: number
    finish: string
    inputTokens: number
    cachedTokens: number
    outputTokens: number
    reasoningTokens: number
    /** How long the model took; both events of a step are stored with its answer. */
    durationMs?: number
    /** What the model can read, where somebody said. */
    contextTokens?: number
  }
  /** `rule`: what decided, where rules did. `inText`: the model wrote the call as text. */
  'tool_call.created': {
    callId: string
    tool: string
    requiresApproval: boolean
    effect?: RuleEffect
    rule?: string
    inText?: true
  }
  /** Handed to the executor of the turn; again after an approval. */
  'tool_call.dispatched': { callId: string; tool: string; requiresApproval: boolean }
  'tool_call.cancelled': { callId: string; tool: string; reason: SyntheticReason }
  /** `byDecision`: what a person decided stands for the result; nothing was run. */
  'tool_result.created': {
    callId: string
    tool: string
    /** Null for a step of a lowered call: its result is not part of the conversation. */
    messageId: string | null
    failed: boolean
    error?: string
    byDecision?: true
  }
  'tool_result.replaced': { callId: string; tool: string; messageId: string; failed: boolean }
  'approval.requested': { callId: string; tool: string; reason: string | null }
  'approval.decided': { callId: string; tool: string; decision: Decision; implicit: boolean; by: string | null }
  /** `only`: nothing follows in this run. */
  'agent.switched': {
    from: string
    to: string
    reason: string
    confidence: string | null
    by: 'router' | 'agent' | 'person'
    only: boolean
  }
  'grant.created': GrantFacts
  'grant.revoked': GrantFacts
  /** Less of the history is sent from now on: the new places of the cut, and how long a request was thought to be. */
  'history.cut': { referencedBefore: number; droppedBefore: number; tokensBefore: number; tokensAfter: number }
  'input.queued': { inputId: string; kind: InputKind }
  'input.dropped': { inputId: string; kind: InputKind; reason: string }
}

/** A rule of a person. `by`: id of the client, null when it named none. */
interface GrantFacts {
  grantId: string
  scope: 'session' | 'project'
  tool: string
  pattern: string
  effect: RuleEffect
  by: string | null
}

export type EventType = keyof EventFacts

/** An event that is not stored yet. `message` and `call` are what its ids point at, for readers that follow live. */
export type NewEvent = {
  [T in EventType]: {
    readonly type: T
    readonly facts: Readonly<EventFacts[T]>
    readonly turnId?: string | null
    readonly runId?: string | null
    readonly message?: StoredMessage
    readonly call?: ToolCall
  }
}[EventType]

/** An event of a session's log. `seq` counts from 1 without a gap within the session. */
export type SessionEvent = NewEvent & { readonly sid: string; readonly seq: number; readonly at: number }

/** Whether the event belongs to the audit: who decided, what was refused, what failed, who got the session. */
export function isAudited(event: NewEvent): boolean {
  switch (event.type) {
    case 'agent.switched':
    case 'approval.requested':
    case 'grant.created':
    case 'grant.revoked':
      return true
    case 'approval.decided':
      return event.facts.by !== 'system'
    case 'tool_result.created':
      return event.facts.failed
    case 'run.ended':
      return event.facts.error !== undefined
    default:
      return false
  }
}

/** What an event points at: an id that lives in its own table. */
export type EventTarget = { readonly messageId: string } | { readonly callId: string }

export function targetOf(event: NewEvent): EventTarget | undefined {
  switch (event.type) {
    case 'tool_result.created':
      return event.facts.messageId === null ? undefined : { messageId: event.facts.messageId }
    case 'message.created':
    case 'tool_result.replaced':
      return { messageId: event.facts.messageId }
    case 'tool_call.created':
    case 'tool_call.dispatched':
    case 'tool_call.cancelled':
    case 'approval.requested':
    case 'approval.decided':
      return { callId: event.facts.callId }
    default:
      return undefined
  }
}

/** Whether it carries what it points at. */
export function isHydrated(event: NewEvent): boolean {
  const target = targetOf(event)
  return target === undefined || ('messageId' in target ? event.message !== undefined : event.call !== undefined)
}

/** The event with its call as it stood then, whenever it is read: who comes later is told the same as who was there. */
export function asOfThen<T extends NewEvent>(event: T): T {
  const state = callStateThen(event)
  if (event.call === undefined || state === undefined) return event
  const decided = event.type === 'approval.decided' || state === 'open'
  return { ...event, call: { ...event.call, state, editedJson: decided ? event.call.editedJson : null } }
}

function callStateThen(event: NewEvent): ToolCallState | undefined {
  switch (event.type) {
    case 'tool_call.created':
    case 'tool_call.dispatched':
      return event.facts.requiresApproval ? 'awaiting_approval' : 'open'
    case 'approval.requested':
      return 'awaiting_approval'
    case 'approval.decided':
      return event.facts.decision === 'reject' ? 'answered' : 'open'
    case 'tool_call.cancelled':
      return 'cancelled'
    default:
      return undefined
  }
}
