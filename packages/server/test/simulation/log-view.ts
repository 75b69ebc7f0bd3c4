import type { SessionEvent } from '../../src/application/index.ts'
import type { Witness } from './violation.ts'

interface TurnView {
  state: string
  steps: number
}

interface CallView {
  state: string
  approval: string | null
}

/** A session as its events tell it. */
export class LogView {
  readonly sid: string
  lastSeq = 0
  state = 'idle'
  turnId: string | null = null
  agent: string
  switchCount = 0
  deleted = false
  readonly messages: string[] = []
  readonly turns = new Map<string, TurnView>()
  readonly runs = new Map<string, string | null>()
  readonly calls = new Map<string, CallView>()
  readonly #witness: Witness
  #run: { readonly id: string | null; readonly before: string } | undefined

  constructor(sid: string, router: string, witness: Witness) {
    this.sid = sid
    this.agent = router
    this.#witness = witness
  }

  add(event: SessionEvent): void {
    if (event.seq !== this.lastSeq + 1) this.#accuse('the log has no gap', `${event.seq} follows ${this.lastSeq}`)
    this.lastSeq = event.seq
    switch (event.type) {
      case 'message.created':
        this.messages.push(event.facts.messageId)
        break
      case 'agent.switched':
        this.agent = event.facts.to
        this.switchCount += 1
        break
      case 'session.deleted':
        this.deleted = true
        break
      default:
        this.#addWork(event)
    }
  }

  #addWork(event: SessionEvent): void {
    const turn = event.turnId ? this.turns.get(event.turnId) : undefined
    switch (event.type) {
      case 'turn.started':
        this.turns.set(event.turnId ?? '', { state: 'running', steps: 0 })
        this.turnId = event.turnId ?? null
        break
      case 'turn.ended':
        if (turn) turn.state = event.facts.outcome
        if (turn && turn.steps !== event.facts.steps)
          this.#accuse('steps are counted', `${event.facts.steps} of ${turn.steps}`)
        this.turnId = null
        if (!this.#run) this.state = 'idle'
        break
      case 'run.started':
        this.#startRun(event, turn)
        break
      case 'run.ended':
        this.#endRun(event, turn)
        break
      case 'step.started':
        if (turn) turn.steps += 1
        break
      default:
        this.#addCall(event)
    }
  }

  #startRun(event: Extract<SessionEvent, { type: 'run.started' }>, turn: TurnView | undefined): void {
    if (this.#run) this.#accuse('one run at a time', `${event.runId} starts while ${this.#run.id} runs`)
    this.#run = { id: event.runId ?? null, before: this.state }
    this.runs.set(event.runId ?? '', null)
    this.turnId = event.turnId ?? null
    this.state = 'running'
    if (turn && event.facts.input !== 'switch') turn.state = 'running'
  }

  #endRun(event: Extract<SessionEvent, { type: 'run.ended' }>, turn: TurnView | undefined): void {
    const { outcome } = event.facts
    if (this.#run?.id !== event.runId)
      this.#accuse('one run at a time', `${event.runId} ends and ${this.#run?.id} runs`)
    this.runs.set(event.runId ?? '', outcome)
    const waits = outcome === 'awaiting_tool' || outcome === 'awaiting_approval'
    this.state = waits ? outcome : outcome === 'switched' ? (this.#run?.before ?? 'idle') : 'idle'
    if (waits && turn) turn.state = outcome
    this.#run = undefined
  }

  #addCall(event: SessionEvent): void {
    if (!('callId' in event.facts)) return
    const { callId } = event.facts
    const call = this.calls.get(callId)
    switch (event.type) {
      case 'tool_call.created': {
        const asks = event.facts.requiresApproval
        if (call) this.#accuse('call ids are unique', callId)
        this.calls.set(callId, { state: asks ? 'awaiting_approval' : 'open', approval: asks ? 'pending' : null })
        break
      }
      case 'approval.decided':
        if (!call) {
          this.#accuse('a decision has its call', callId)
          break
        }
        call.approval = event.facts.decision === 'reject' ? 'rejected' : 'approved'
        if (event.facts.decision !== 'reject') call.state = 'open'
        break
      case 'tool_result.created':
      case 'tool_call.cancelled':
        if (!call || call.state === 'answered' || call.state === 'cancelled')
          this.#accuse('a call has exactly one result', `${callId} (${call?.state})`)
        else call.state = event.type === 'tool_result.created' ? 'answered' : 'cancelled'
        break
      default:
    }
  }

  #accuse(promise: string, text: string): void {
    this.#witness.accuse(promise, `${text} (session ${this.sid}, event ${this.lastSeq})`)
  }
}
