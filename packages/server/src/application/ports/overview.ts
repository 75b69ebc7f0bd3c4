import type { CallPreview, ToolCall } from '../../domain/tool-call.ts'

/** A call that a person was asked about, and where. */
export interface AskedCall {
  readonly call: ToolCall
  readonly session: { readonly sessionId: string; readonly title: string | null }
  readonly preview: CallPreview | null
}

/** From a time on; `ownerId` undefined: of everybody. At most `limit`, the newest. */
export interface RecentQuery {
  readonly ownerId: string | undefined
  readonly since: number
  readonly limit: number
}

export interface RecentModelCall {
  readonly at: number
  readonly turnId: string
  readonly ownerId: string
  readonly agent: string
  readonly purpose: 'answer' | 'classify'
  /** Alias, or the model's own name. */
  readonly model: string
  readonly inputTokens: number
  readonly cachedTokens: number
  readonly outputTokens: number
  readonly cost: number | null
  readonly firstTokenMs: number | null
  readonly failed: boolean
}

export interface RecentTurn {
  readonly turnId: string
  readonly startedAt: number
  readonly endedAt: number | null
}

export interface RecentFailure {
  readonly turnId: string
  readonly at: number
  readonly agent: string
  readonly code: string
}

export interface RecentDecision {
  readonly agent: string
  readonly rejected: boolean
  readonly waitMs: number
}

/** What people look at over all sessions. Deleted sessions count in figures, and appear in no list. */
export interface OverviewStore {
  /** Oldest first. */
  pending(ownerId: string, limit: number): Promise<readonly AskedCall[]>
  countPending(ownerId: string): Promise<number>
  /** Newest first. */
  decided(ownerId: string, limit: number): Promise<readonly AskedCall[]>
  modelCalls(query: RecentQuery): Promise<readonly RecentModelCall[]>
  turns(query: RecentQuery): Promise<readonly RecentTurn[]>
  failures(query: RecentQuery): Promise<readonly RecentFailure[]>
  decisions(query: RecentQuery): Promise<readonly RecentDecision[]>
  /** The processes that share the store, with the time of their last sign of life. */
  replicas(): Promise<readonly { readonly id: string; readonly beatAt: number }[]>
}
