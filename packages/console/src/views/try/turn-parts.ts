import type { InboundMessage, StreamFrame } from '@codelab/protocol'
import type { Call } from './executor.ts'
import type { Outcome, Preview } from './tool.ts'

/** A call as the server handed it out. */
export interface HandedCall extends Call {
  readonly requiresApproval: boolean
  readonly reason?: string | undefined
  readonly rule?: string | undefined
  readonly callHash?: string | undefined
}

export type Decision =
  | { readonly kind: 'approve' }
  | { readonly kind: 'edit'; readonly arguments: Readonly<Record<string, unknown>> }
  | { readonly kind: 'reject'; readonly feedback: string }
  /** To a question of the agent. */
  | { readonly kind: 'answer'; readonly text: string }

export interface Failure {
  readonly code: string
  readonly text: string
  readonly requestId?: string | undefined
}

/** What a turn tells, in the order in which it happens. */
export type TurnEvent =
  | { readonly type: 'delta'; readonly text: string }
  | { readonly type: 'message'; readonly text: string }
  | {
      readonly type: 'switch'
      readonly from: string
      readonly to: string
      readonly reason: string
      readonly confidence?: string | undefined
    }
  | { readonly type: 'waits'; readonly call: HandedCall; readonly preview: Preview }
  | { readonly type: 'decided'; readonly call: HandedCall; readonly decision: Decision | 'elsewhere' }
  | { readonly type: 'ran'; readonly call: HandedCall; readonly outcome: Outcome; readonly ms: number }
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'lost' }
  | { readonly type: 'failed'; readonly failure: Failure }
  | { readonly type: 'ended' }

export type Standing = 'running' | 'waiting' | 'idle' | 'unknown'

/** The way to the server. */
export interface Link {
  /** Throws ApiError for a status. */
  stream(message: InboundMessage, signal: AbortSignal): AsyncIterable<StreamFrame>
  standing(): Promise<Standing>
  openCalls(): Promise<readonly HandedCall[]>
  /** The last answer, and how often the person has said something. */
  history(): Promise<{ readonly answer: string | undefined; readonly said: number }>
  /** Whoever decides elsewhere sees what would happen. */
  tellPreview(call: HandedCall, preview: Preview): void
  /** Resolves when somebody else has decided, never otherwise. */
  decidedElsewhere(callId: string, signal: AbortSignal): Promise<void>
  pause(ms: number, signal: AbortSignal): Promise<void>
}
