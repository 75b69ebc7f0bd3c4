import type { Owner } from '../../domain/owner.ts'
import type { ClientProfile } from '../../domain/session.ts'
import type { Decision } from '../../domain/tool-call.ts'

/** What a client sends to a session. */
export type InputBody =
  | {
      readonly kind: 'message'
      readonly content: string
      /** Switch to this agent first; `auto` gives the choice back to the router. */
      readonly agent?: string
    }
  | {
      readonly kind: 'tool_result'
      readonly callId: string
      readonly result?: unknown
      /** Wins over `result` when it is not empty. */
      readonly error?: string
      /** The whole of a result that the client cut: kept for `read_artifact`, never sent to a model by itself. */
      readonly artifact?: string
    }
  | {
      readonly kind: 'decision'
      readonly callId: string
      readonly decision: Decision
      /** For `edit`; left out or empty, the original arguments. */
      readonly modifiedArguments?: Readonly<Record<string, unknown>>
      readonly feedback?: string
      /** Of the call as the person was shown it. */
      readonly callHash?: string
    }
  | {
      readonly kind: 'switch'
      readonly agent: string
      /** A message for the new agent; empty: nothing but the switch happens. */
      readonly content: string
    }
  /** Goes on with the turn that a crash cut. */
  | { readonly kind: 'resume' }

/** What a busy session does with an input (DESIGN 8). `steer`: a message enters the running turn before its next model call.
 *  `interrupt`: what runs is stopped first. */
export type OnBusy = 'queue' | 'reject' | 'interrupt' | 'steer'

export interface SubmitInput extends Owner {
  /** The id that the client uses. An unknown one starts a session with a message or a switch. */
  readonly sessionId: string
  readonly client: ClientProfile | null
  readonly body: InputBody
  /** `queue` when left out. */
  readonly onBusy?: OnBusy
  /** The same key again, within a day, is the same input: nothing is done twice, its answer is shown again. */
  readonly repeatKey?: string
}

/** An input that was stored and taken, in the transaction that says so. */
export interface Taken {
  readonly sid: string
  readonly turnId: string
  readonly runId: string
  /** The session's, as this run may write with. */
  readonly fence: number
  /** The last event before the run's first. */
  readonly afterSeq: number
  /** The model has to be asked; otherwise the run has ended already. */
  readonly goesOn: boolean
  /** Whether the client of the input runs the calls of the turn; if not, they wait for the one that does (DESIGN 8). */
  readonly byExecutor: boolean
  /** The run is that of an earlier request, or of another replica. */
  readonly attached?: boolean
}
