import type { ConversationEvent, Failure } from '../conversation/events.ts'
import { callSucceeded } from '../screen/call-words.ts'

/** What happens in a run, one JSON object a line. The last line is `turn.finished` or `error`. */
export class JsonLines {
  readonly #write: (text: string) => void
  readonly #withDeltas: boolean
  #seq = 0

  constructor(write: (text: string) => void, withDeltas: boolean) {
    this.#write = write
    this.#withDeltas = withDeltas
  }

  session(facts: { session_id: string; agent: string; model: string; cwd: string }): void {
    this.#line({ type: 'session', ...facts })
  }

  error(failure: Failure): void {
    const { code, message, hint, retryable, requestId } = failure
    this.#line({ type: 'error', code, message, hint, retryable, request_id: requestId })
  }

  show(event: ConversationEvent): void {
    switch (event.type) {
      case 'turn.started':
        this.#line({ type: 'turn.started', turn: 1 })
        break
      case 'agent.switched':
        this.#switched(event)
        break
      case 'text.delta':
        if (this.#withDeltas) this.#line({ type: 'text.delta', text: event.text })
        break
      case 'message':
        this.#line({ type: 'message', role: 'assistant', agent: event.agent, text: event.text })
        break
      case 'call.decided':
        this.#decided(event)
        break
      case 'call.finished':
        this.#finished(event)
        break
      case 'turn.ended':
        this.#ended(event.end)
        break
    }
  }

  #switched({ from, to, reason, confidence }: Extract<ConversationEvent, { type: 'agent.switched' }>): void {
    this.#line({ type: 'agent.switched', from, to, reason, confidence })
  }

  #decided({ call, decision, by }: Extract<ConversationEvent, { type: 'call.decided' }>): void {
    const { callId, tool, arguments: values } = call
    this.#line({ type: 'tool.call', call_id: callId, tool, arguments: values, decision, decided_by: by })
  }

  #finished(event: Extract<ConversationEvent, { type: 'call.finished' }>): void {
    const { call, outcome, change } = event
    const diff = change ? { added: change.added, removed: change.removed } : undefined
    const error = outcome.ok ? undefined : outcome.error
    const bytes = change ? undefined : Buffer.byteLength(JSON.stringify(outcome.result ?? {}))
    this.#line({
      type: 'tool.result',
      call_id: call.callId,
      ok: callSucceeded(event),
      ms: Math.round(event.ms),
      bytes,
      diff,
      error,
    })
  }

  #ended(end: Extract<ConversationEvent, { type: 'turn.ended' }>['end']): void {
    if (end.failure && end.outcome !== 'cancelled') {
      this.error(end.failure)
      return
    }
    const tokens = end.usage ? { in: end.usage.input, out: end.usage.output, cached: end.usage.cached } : undefined
    // The runtime tells no prices: an unknown cost is null, never a guess.
    this.#line({ type: 'turn.finished', turn: 1, outcome: end.outcome, ms: Math.round(end.ms), tokens, cost_usd: null })
  }

  /** Fields without a value are left out. */
  #line(fields: Record<string, unknown>): void {
    const { type, ...rest } = fields
    this.#write(`${JSON.stringify({ type, seq: ++this.#seq, ...rest })}\n`)
  }
}
