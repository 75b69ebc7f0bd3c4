import type { Ruling } from './rules.ts'

/** Where a call stands. `open`: handed out, or ready to be. */
export type ToolCallState = 'awaiting_approval' | 'open' | 'answered' | 'cancelled'

/** The plan that a handoff carries, which a person approves (PROTOCOL 10.4). */
export function planOf(tool: string, args: Readonly<Record<string, unknown>>): string | undefined {
  const plan = tool === 'switch_mode' ? args['plan'] : undefined
  return typeof plan === 'string' && plan.trim() !== '' ? plan : undefined
}

/** Its heading, else its first line. */
export function titleOfPlan(plan: string): string {
  const [first = ''] = plan.trim().split('\n')
  return first.replace(/^#+\s*/, '').slice(0, 200)
}

export type Decision = 'approve' | 'edit' | 'reject'

/** Why a call has a result that no client gave (DESIGN 8). */
export type SyntheticReason = 'superseded' | 'cancelled' | 'not_executed' | 'tool_timeout' | 'server_restart'

export interface Approval {
  readonly status: 'pending' | 'approved' | 'rejected'
  /** Why a person is asked. */
  readonly reason: string | null
  readonly decision: Decision | null
  /** True when a tool result stood for the decision. */
  readonly implicit: boolean
  readonly feedback: string | null
  /** Id of the client that decided, `system` for ours, null when it named none. */
  readonly decidedBy: string | null
  readonly decidedAt: number | null
}

/** What a call that waits for a person would do, as its executor sees it. */
export interface CallPreview {
  /** Digest of the file as it is; null when there is none. */
  readonly oldSha256: string | null
  readonly diff: string
  /** Whether the diff leaves something out. */
  readonly truncated: boolean
}

/** A tool call of a session, with its approval. */
export interface ToolCall {
  readonly sid: string
  /** Unique within the session. */
  readonly callId: string
  readonly turnId: string
  /** The assistant message that made it, and its place there. */
  readonly messageId: string
  /** A step of a lowered call has that of the call. */
  readonly index: number
  readonly tool: string
  readonly agent: string
  /** What it is run with: as the model wrote it, paths normalised. The model's own bytes stay in its message. */
  readonly argumentsJson: string
  /** What a person made of it. */
  readonly editedJson: string | null
  readonly state: ToolCallState
  /** Null: no person had to be asked. */
  readonly approval: Approval | null
  readonly createdAt: number
  readonly dispatchedAt: number | null
  /** The replica that handed it out. */
  readonly dispatchedBy: string | null
  /** The replica to which a client that may have it is connected: as long as both are there nobody else is given it. */
  readonly heldBy: string | null
  readonly answeredAt: number | null
  /** Whether the client said that it failed; null until it said anything. */
  readonly failed: boolean | null
  /** The tool message that holds its result; null for a step of a lowered call, whose result the model does not read. */
  readonly resultMessageId: string | null
  /** Set with a result that no client gave. */
  readonly syntheticReason: SyntheticReason | null
  /** What decided whether a person is asked; null where the contract's policy did. */
  readonly ruling: Ruling | null
  /** Hash of the tool and the arguments that a person is shown; null where nobody is asked. */
  readonly shownHash: string | null
  /** Carried out by other calls, one after the other: no client is ever handed this one (DESIGN 7). */
  readonly lowered: boolean
  /** The lowered call that this is a step of. */
  readonly parentCallId: string | null
}

/** The arguments it is run with: edited ones, else the model's. */
export function argumentsOf(call: Pick<ToolCall, 'argumentsJson' | 'editedJson'>): Record<string, unknown> {
  return JSON.parse(call.editedJson ?? call.argumentsJson) as Record<string, unknown>
}

export function isWaiting(call: Pick<ToolCall, 'state'>): boolean {
  return call.state === 'open' || call.state === 'awaiting_approval'
}

/** Something that a client or a person has to do: a lowered call is done by others. */
export function isForClient(call: Pick<ToolCall, 'state' | 'lowered'>): boolean {
  return isWaiting(call) && !call.lowered
}
