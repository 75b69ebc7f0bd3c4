/** Who and what stands in a transcript, in the order of the log. An item is replaced when it changes, so what is equal is unchanged. */
export type Item = UserItem | AnswerItem | CallItem | HandoffItem | FailureItem | NoteItem

interface Place {
  readonly id: string
  readonly at: string
  readonly turnId: string | null
  /** Items of one agent in a row, drawn under one head. */
  readonly segment: number
}

export interface UserItem extends Place {
  readonly kind: 'user'
  readonly text: string
}

export interface AnswerItem extends Place {
  readonly kind: 'answer'
  readonly text: string
  readonly isStreaming: boolean
  /** It was cut: what is there stays. */
  readonly isCut: boolean
}

export type CallState = 'waiting' | 'running' | 'done' | 'failed' | 'rejected' | 'cancelled'

export interface ApprovalFacts {
  readonly reason: string | null
  readonly requestedAt: string
  readonly decision?: 'approve' | 'edit' | 'reject'
  /** Nobody decided: a result came, or a new message closed it. */
  readonly isImplicit?: boolean
  readonly by?: string | null
  readonly decidedAt?: string
}

export interface CallItem extends Place {
  readonly kind: 'call'
  readonly tool: string
  readonly arguments: Readonly<Record<string, unknown>>
  readonly state: CallState
  readonly rule?: string
  readonly approval?: ApprovalFacts
  /** The call of which this one carries out a part. */
  readonly parent?: string
  readonly startedAt?: string
  readonly endedAt?: string
  readonly result?: string
  readonly error?: string
}

export interface HandoffItem extends Place {
  readonly kind: 'handoff'
  readonly from: string
  readonly to: string
  readonly reason: string
  readonly confidence: string | null
  readonly by: string
}

export interface FailureItem extends Place {
  readonly kind: 'failure'
  readonly code: string
  readonly text: string
}

export interface NoteItem extends Place {
  readonly kind: 'note'
  readonly note: 'cancelled' | 'interrupted' | 'shortened' | 'model' | 'rule' | 'rule-revoked' | 'fault'
  readonly detail: string
}

/** What an agent did in a row. */
export interface Segment {
  readonly agent: string
  readonly model: string | undefined
  readonly startedAt: string
  readonly endedAt: string
  readonly steps: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly modelMs: number
}

export interface TurnFacts {
  readonly id: string
  readonly index: number
  readonly startedAt: string
  readonly endedAt: string | undefined
  readonly outcome: string | undefined
  readonly steps: number
  readonly inputTokens: number
  readonly cachedTokens: number
  readonly outputTokens: number
  readonly modelMs: number
  readonly firstTokenAt: string | undefined
  readonly toolCalls: number
  readonly failedCalls: number
}

/** An event as it came. */
export interface LogEntry {
  readonly seq: number
  readonly type: string
  readonly at: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface Transcript {
  readonly items: readonly Item[]
  readonly segments: readonly Segment[]
  readonly turns: readonly TurnFacts[]
  readonly log: readonly LogEntry[]
  /** Events that are not in `log` any more. */
  readonly droppedEvents: number
  readonly lastSeq: number
  readonly state: 'idle' | 'running' | 'waiting' | 'tools'
  readonly agent: string
  readonly model: string | undefined
  /** What the last request took of what the model can read. */
  readonly context: { readonly tokens: number; readonly limit: number | undefined } | undefined
  /** Inputs that wait for the running turn. */
  readonly queued: readonly string[]
  readonly isStopping: boolean
  /** Counts renames: the title is not in the log. */
  readonly renames: number
}
