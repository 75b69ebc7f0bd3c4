import type { SourceApproval } from '../ports/session-source.ts'

/** A history that is being mended: what people and agents said, each call with its result at hand. */
export type Entry = UserEntry | AgentEntry

export interface UserEntry {
  readonly by: 'user'
  readonly text: string
  readonly at: number
}

export interface AgentEntry {
  readonly by: 'agent'
  readonly text: string
  readonly at: number
  readonly calls: Call[]
}

/** A call without a result waits for a person when it has an approval; otherwise it is closed. */
export interface Call {
  readonly callId: string
  readonly tool: string
  readonly argumentsJson: string
  result?: { readonly text: string; readonly at: number; readonly failed: boolean }
  approval?: SourceApproval
}
