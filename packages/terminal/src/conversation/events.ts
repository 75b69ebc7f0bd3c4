import type { CallPreview, ExecutorCall, ToolOutcome } from '../executor/executor.ts'

/** A call of the model, as a person sees it. */
export interface Call extends ExecutorCall {
  /** Whether the server asks for a person's consent. */
  readonly requiresApproval: boolean
  /** Why a person is asked, where rules decided. */
  readonly reason?: string
  /** The rule that decided, in words. */
  readonly rule?: string
  /** A person is asked whatever rules are made. */
  readonly isProtected?: boolean
  /** Goes back with the decision: what was decided about is what was shown. */
  readonly callHash?: string
}

/** Why a turn did not end well: what happened, and what to do about it where something can be done. */
export interface Failure {
  readonly code: string
  readonly message: string
  readonly hint?: string
  readonly retryable: boolean
  readonly requestId?: string
}

/** Tokens of a turn. */
export interface Usage {
  readonly model: string
  readonly input: number
  readonly cached: number
  readonly output: number
  /** What the last request took of what the model can read, 0 to 1; undefined when nobody said how much that is. */
  readonly share?: number
}

/** What a file change comes to. */
export interface ChangeCount {
  readonly path: string
  readonly added: number
  readonly removed: number
}

export interface FinishedCall {
  readonly call: Call
  readonly outcome: ToolOutcome
  readonly ms: number
  readonly change?: ChangeCount
}

export interface TurnEnd {
  readonly outcome: 'completed' | 'failed' | 'cancelled' | 'stopped'
  readonly ms: number
  /** How long a person was waited for. */
  readonly waitedMs: number
  readonly usage?: Usage
  readonly failure?: Failure
  /** The last text of the agent. */
  readonly answer?: string
  readonly changes: readonly ChangeCount[]
  /** Commands of the turn that test or check the project, each with how it went the last time. */
  readonly checks: readonly Check[]
}

export interface Check {
  readonly command: string
  readonly isGood: boolean
}

/** What happens in a turn, in order. */
export type ConversationEvent =
  | { readonly type: 'turn.started' }
  | {
      readonly type: 'agent.switched'
      readonly from: string
      readonly to: string
      readonly reason: string
      readonly confidence?: string
      readonly ms: number
    }
  | { readonly type: 'text.delta'; readonly agent: string; readonly text: string }
  | { readonly type: 'message'; readonly agent: string; readonly text: string }
  /** A person, or a rule, is asked about it now. */
  | { readonly type: 'call.waits'; readonly call: Call }
  | { readonly type: 'call.decided'; readonly call: Call; readonly decision: 'allow' | 'deny'; readonly by: string }
  | { readonly type: 'call.started'; readonly call: Call }
  | { readonly type: 'call.output'; readonly callId: string; readonly text: string }
  | ({ readonly type: 'call.finished' } & FinishedCall)
  | {
      readonly type: 'call.rejected'
      readonly call: Call
      readonly by: string
      readonly feedback: string
      readonly ms: number
    }
  /** `goesOn`: the server had the input, so the turn goes on there. */
  | { readonly type: 'connection.lost'; readonly nextTryMs: number; readonly goesOn: boolean }
  | { readonly type: 'connection.restored' }
  | { readonly type: 'turn.ended'; readonly end: TurnEnd }
  /** Something that the client declared was not taken as it is. */
  | { readonly type: 'notice'; readonly text: string }
  /** What was said while the turn runs has entered it. */
  | { readonly type: 'steer.taken'; readonly text: string }
  /** It came when the turn had ended: a turn of its own begins. */
  | { readonly type: 'steer.own'; readonly text: string }
  /** It reached nobody. */
  | { readonly type: 'steer.dropped'; readonly text: string; readonly reason: string | undefined }

/** What is put before a person, or before the rules that stand for one. */
export interface ApprovalRequest {
  readonly call: Call
  readonly preview: CallPreview
  readonly agent: string
  /** Whose call it is: what it may change depends on what the session has read. */
  readonly session?: string
  /** The server's reason for asking; undefined when it gave none. */
  readonly reason?: string
}

export type Decision =
  | { readonly kind: 'approve'; readonly by: string }
  | { readonly kind: 'edit'; readonly by: string; readonly arguments: Readonly<Record<string, unknown>> }
  /** `isImpossible`: nobody said no, the call cannot work. */
  | { readonly kind: 'reject'; readonly by: string; readonly feedback: string; readonly isImpossible?: true }
  /** Ends the turn: nobody is here to decide, or a rule forbids it. */
  | { readonly kind: 'stop'; readonly by: string; readonly failure: Failure }

/** What the agent asks the person. */
export interface Question {
  readonly agent: string
  readonly question: string
  readonly suggestions: readonly string[]
}

/** Who decides about calls. Aborted, it must settle, and never with a consent. */
export interface Approver {
  /** Asked before every call; one that needs no approval is normally approved by `policy` at once. */
  decide(request: ApprovalRequest, signal: AbortSignal): Promise<Decision>
  /** A call that was started before and has no noted end, or that belongs to another folder: may it run here now? */
  mayRunOpenCall(request: ApprovalRequest, why: 'started' | 'other-folder', signal: AbortSignal): Promise<boolean>
  /** A question of the agent; undefined when nobody answers it. Left out where nobody is here: then questions are not asked as calls. */
  answer?(question: Question, signal: AbortSignal): Promise<string | undefined>
}
