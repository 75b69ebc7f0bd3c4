import type { Executor } from '../executor/executor.ts'
import type { Approver, Call, ConversationEvent, Failure } from './events.ts'
import type { Link } from './link.ts'

export interface ConversationParts {
  readonly link: Link
  readonly executor: Executor
  readonly approver: Approver
  readonly show: (event: ConversationEvent) => void
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number
  /** Waits; an abort ends the wait at once, without an error. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}

/** What is known of the session here; a turn keeps it up to date. */
export interface SessionState {
  readonly id: string
  agent: string
  /** No message of it has been taken yet. */
  isNew: boolean
  /** Messages of the person that the server has. */
  userMessages: number
}

/** What came of an input. */
export interface Reply {
  readonly calls: readonly Call[]
  /** `calls` are all that are open, not only new ones. */
  readonly isWhole: boolean
  readonly failure?: Failure
  readonly answer?: string
  readonly mustSendAgain?: boolean
}
