import type { ToolCall } from '../../application/index.ts'

/** Who was given a tool call last, so that it is handed out again only to somebody who needs it. In memory: after a restart nobody was. */
export class Deliveries {
  readonly #byCall = new Map<string, AbortSignal>()

  /** `left` fires when that client has gone. */
  note(call: Pick<ToolCall, 'sid' | 'callId'>, left: AbortSignal): void {
    const key = keyOf(call)
    this.#byCall.delete(key)
    this.#byCall.set(key, left)
    const oldest = this.#byCall.size > mostCalls ? this.#byCall.keys().next().value : undefined
    if (oldest !== undefined) this.#byCall.delete(oldest)
  }

  /** Fires, or has fired, when the client that was given it goes; undefined when nobody was, as far as this process knows. */
  holderOf(call: Pick<ToolCall, 'sid' | 'callId'>): AbortSignal | undefined {
    return this.#byCall.get(keyOf(call))
  }
}

const mostCalls = 10_000

/** Ids that clients chose are unique for their owner only. */
function keyOf({ sid, callId }: Pick<ToolCall, 'sid' | 'callId'>): string {
  return JSON.stringify([sid, callId])
}
