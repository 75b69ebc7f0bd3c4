/** Who was given a tool call last, so that it is handed out again only to somebody who needs it. In memory: after a restart nobody was. */
export class Deliveries {
  readonly #byCall = new Map<string, AbortSignal>()

  /** `left` fires when that client has gone. */
  note(sessionId: string, callId: string, left: AbortSignal): void {
    const key = keyOf(sessionId, callId)
    this.#byCall.delete(key)
    this.#byCall.set(key, left)
    const oldest = this.#byCall.size > mostCalls ? this.#byCall.keys().next().value : undefined
    if (oldest !== undefined) this.#byCall.delete(oldest)
  }

  /** Fires, or has fired, when the client that was given it goes; undefined when nobody was, as far as this process knows. */
  holderOf(sessionId: string, callId: string): AbortSignal | undefined {
    return this.#byCall.get(keyOf(sessionId, callId))
  }
}

const mostCalls = 10_000

function keyOf(sessionId: string, callId: string): string {
  return JSON.stringify([sessionId, callId])
}
