import { isAnswer } from './failures.ts'
import type { ConversationParts, SessionState } from './parts.ts'

export type ElsewhereDecision = 'approve' | 'edit' | 'reject'

/** A person who decides at once is not worth a connection. */
const patienceMs = 500
const againMs = 2000

/** Hears when another client settles the call about which a person is asked here. */
export class OtherClients {
  /** Resolves when the call waits for us to run it, or is over; also when nothing more is heard. */
  readonly over: Promise<void>
  readonly #parts: ConversationParts
  readonly #session: SessionState
  readonly #callId: string
  readonly #decided = new AbortController()
  readonly #stop = new AbortController()
  #decision: ElsewhereDecision = 'approve'
  #runsElsewhere = false

  constructor(parts: ConversationParts, session: SessionState, callId: string, signal: AbortSignal) {
    this.#parts = parts
    this.#session = session
    this.#callId = callId
    this.over = this.#watch(AbortSignal.any([signal, this.#stop.signal]))
  }

  /** Fires when somebody else has decided. */
  get decided(): AbortSignal {
    return this.#decided.signal
  }

  get decision(): ElsewhereDecision {
    return this.#decision
  }

  stop(): void {
    this.#stop.abort()
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { link, pause } = this.#parts
    await pause(patienceMs, signal)
    while (!signal.aborted) {
      try {
        for await (const { event, data } of link.client.follow(this.#session.id, signal)) {
          if (this.#isOver(event, data)) return
        }
      } catch (error) {
        // A server that tells no events: the person decides, as ever.
        if (isAnswer(error)) return
      }
      await pause(againMs, signal)
    }
  }

  #isOver(event: string, data: Readonly<Record<string, unknown>>): boolean {
    if (event === 'hello') return this.#isPast(data)
    if (event === 'run.ended') return this.decided.aborted && !this.#runsElsewhere
    if (data['call_id'] !== this.#callId) return false
    if (event === 'approval.decided') this.#decide(data['decision'])
    if (event === 'tool_call.dispatched' && this.decided.aborted) this.#runsElsewhere = true
    if (event !== 'tool_result.created' && event !== 'tool_call.cancelled') return false
    this.#decided.abort()
    return true
  }

  /** It was decided before we listened. */
  #isPast({ pending_approvals: pending }: Readonly<Record<string, unknown>>): boolean {
    const waits = Array.isArray(pending) && pending.some((approval) => approval?.call_id === this.#callId)
    if (!waits) this.#decided.abort()
    return !waits
  }

  #decide(decision: unknown): void {
    if (decision === 'edit' || decision === 'reject') this.#decision = decision
    this.#decided.abort()
  }
}
