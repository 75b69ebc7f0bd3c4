/** Sessions of another service, as it stored them: nothing is judged or mended here. Texts of times are as they stand there. */
export interface SessionSource extends AsyncDisposable {
  /** Address of it as a person may read it, without a password. */
  readonly shown: string
  /** It is being written, or its writer ended hard. */
  readonly mayBeInUse: boolean
  counts(): Promise<SourceCounts>
  /** Those that are not deleted, one after the other; all of them from one moment. */
  sessions(): AsyncIterable<SourceSession>
}

export interface SourceCounts {
  readonly sessions: number
  readonly deletedSessions: number
  readonly messages: number
  readonly switches: number
  readonly pendingApprovals: number
  /** Of sessions that are deleted or never were. */
  readonly strayApprovals: number
}

export interface SourceSession {
  readonly id: string
  readonly title: string | null
  readonly createdAt: string | null
  readonly lastActivity: string | null
  readonly isActive: boolean
  /** Null: it has no context. */
  readonly currentAgent: string | null
  /** Oldest first. */
  readonly messages: readonly SourceMessage[]
  /** Oldest first. */
  readonly switches: readonly SourceSwitch[]
  /** Those that are still pending, oldest first. */
  readonly approvals: readonly SourceApproval[]
}

export interface SourceMessage {
  readonly role: string
  readonly content: string | null
  readonly time: string | null
  readonly name: string | null
  readonly toolCallId: string | null
  /** A JSON text, or what it stands for. */
  readonly toolCalls: unknown
}

export interface SourceSwitch {
  readonly from: string | null
  readonly to: string | null
  readonly reason: string | null
  readonly time: string | null
  /** A JSON text, or what it stands for. */
  readonly metadata: unknown
}

export interface SourceApproval {
  readonly callId: string
  /** `tool`, or something else that a person was asked about. */
  readonly kind: string
  readonly tool: string
  /** A JSON text, or what it stands for. */
  readonly arguments: unknown
  readonly reason: string | null
  readonly time: string | null
}
