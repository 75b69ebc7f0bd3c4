import type { TimelineModelCall } from '@codelab/protocol'

/** A stretch of time, in milliseconds since 1970. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** `wait`: for a person. */
export type SpanKind = 'wait' | 'model' | 'tool'
export type RowStatus = 'ok' | 'bad' | 'wait' | 'run' | 'idle'

interface RowBase extends Span {
  readonly id: string
  /** The event with which it began: its place in the log. */
  readonly seq: number
  readonly level: number
  readonly parent: string | undefined
  readonly status: RowStatus
  /** It has not ended: `end` is now. */
  readonly isOpen: boolean
}

export type Row = RowBase &
  (
    | { readonly kind: 'turn'; readonly said: string; readonly outcome: string }
    | { readonly kind: 'switch'; readonly facts: SwitchFacts; readonly model: TimelineModelCall | undefined }
    | { readonly kind: 'step'; readonly number: number; readonly agent: string }
    | { readonly kind: 'model'; readonly model: TimelineModelCall; readonly step: number; readonly isLast: boolean }
    | { readonly kind: 'call'; readonly call: CallFacts }
    | { readonly kind: 'work'; readonly call: CallFacts }
  )

export interface SwitchFacts {
  readonly from: string
  readonly to: string
  readonly reason: string
  readonly confidence: string | undefined
  readonly by: string
}

export interface CallFacts {
  readonly seq: number
  readonly callId: string
  readonly tool: string
  readonly step: number
  readonly subject: string
  /** What decided whether a person was asked. */
  readonly rule: string | undefined
  readonly effect: string | undefined
  readonly asked: string | undefined
  readonly decision: 'approve' | 'edit' | 'reject' | undefined
  readonly by: string | undefined
  readonly feedback: string | undefined
  readonly waited: Span | undefined
  readonly worked: Span | undefined
  readonly error: string | undefined
  readonly cancelled: string | undefined
  readonly isAnswered: boolean
}
