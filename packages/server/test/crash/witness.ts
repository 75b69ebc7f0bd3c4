import { isWaiting, type Snapshot } from './snapshot.ts'

/** `sent`: nothing came back, so it may be stored or not. `seen`: the client was told, so it is stored (docs/guarantees.md). */
type Doubt = 'sent' | 'seen'

interface SeenCall {
  readonly tool: string
  readonly approval: boolean
}

/** What one client has sent and seen of a session, and whether a server still knows it. */
export class Witness {
  readonly sessionId: string
  session: Doubt | undefined
  readonly #messages = new Map<string, Doubt>()
  readonly #answers: string[] = []
  readonly #calls = new Map<string, SeenCall>()
  readonly #results = new Map<string, { readonly content: string; doubt: Doubt }>()
  readonly #decisions = new Map<string, { readonly decision: string; doubt: Doubt }>()
  /** Calls that were open when a message was sent: that message may have closed them. */
  readonly #passedOver = new Set<string>()
  readonly #transcript: string[] = []

  constructor(sessionId: string) {
    this.sessionId = sessionId
  }

  /** The last 80 lines of what was sent and seen. */
  get transcript(): string {
    return this.#transcript.join('\n')
  }

  note(line: string): void {
    if (this.#transcript.length === 80) this.#transcript.shift()
    this.#transcript.push(line)
  }

  message(text: string, doubt: Doubt, openCalls: Iterable<string>): void {
    this.#messages.set(text, doubt)
    for (const id of openCalls) this.#passedOver.add(id)
  }

  refusedMessage(text: string): void {
    this.#messages.delete(text)
  }

  answer(text: string): void {
    this.#answers.push(text)
  }

  call(callId: string, seen: SeenCall): void {
    const before = this.#calls.get(callId)
    this.#calls.set(callId, before ?? seen)
  }

  result(callId: string, content: string, doubt: Doubt): void {
    this.#results.set(callId, { content, doubt })
  }

  decision(callId: string, decision: string, doubt: Doubt): void {
    this.#decisions.set(callId, { decision, doubt })
  }

  /** Results and decisions of which nobody knows whether they arrived. */
  get inDoubt(): { readonly results: ReadonlyMap<string, string>; readonly decisions: ReadonlyMap<string, string> } {
    const sent = <T extends { doubt: Doubt }>(entries: Map<string, T>) =>
      [...entries].filter(([, entry]) => entry.doubt === 'sent')
    return {
      results: new Map(sent(this.#results).map(([id, { content }]) => [id, content])),
      decisions: new Map(sent(this.#decisions).map(([id, { decision }]) => [id, decision])),
    }
  }

  /** What was seen and is not stored, or stored more than once. */
  losses(snapshot: Snapshot | undefined): string[] {
    if (!snapshot) return this.session === 'seen' ? ['the session is gone'] : []
    return [
      ...this.#messageLosses(snapshot),
      ...this.#answers.flatMap((text) => {
        const count = snapshot.messages.filter(({ role, content }) => role === 'assistant' && content === text).length
        return count === 1 ? [] : [`the answer ${JSON.stringify(text)} is stored ${count} times`]
      }),
      ...[...this.#calls].flatMap(([id, seen]) => this.#callLosses(snapshot, id, seen)),
      ...[...this.#results].flatMap(([id, { content, doubt }]) => {
        const stored = snapshot.messages.filter((message) => message.tool_call_id === id)
        if (doubt === 'seen' && !stored[0]?.content?.includes(content)) return [`the result of ${id} is gone`]
        return stored.length > 1 ? [`the result of ${id} is stored ${stored.length} times`] : []
      }),
      ...[...this.#decisions].flatMap(([id, decision]) => decisionLosses(snapshot, id, decision)),
    ]
  }

  #messageLosses(snapshot: Snapshot): string[] {
    return [...this.#messages].flatMap(([text, doubt]) => {
      const count = snapshot.messages.filter(({ role, content }) => role === 'user' && content === text).length
      if (count === 1 || (count === 0 && doubt === 'sent')) return []
      return [`the message ${JSON.stringify(text)} (${doubt}) is stored ${count} times`]
    })
  }

  #callLosses(snapshot: Snapshot, id: string, seen: SeenCall): string[] {
    const row = snapshot.calls.find((call) => call.call_id === id)
    if (!row) return [`the call ${id} is gone`]
    if (row.tool_name !== seen.tool) return [`the call ${id} is of ${row.tool_name}, it was of ${seen.tool}`]
    const touched = this.#results.has(id) || this.#decisions.has(id) || this.#passedOver.has(id)
    if (touched || isWaiting(row.state)) {
      const forgotten = !touched && seen.approval && row.state !== 'awaiting_approval'
      return forgotten ? [`the call ${id} no longer waits for approval: ${row.state}`] : []
    }
    return [`nobody touched the call ${id} and it is ${row.state}`]
  }
}

function decisionLosses(
  snapshot: Snapshot,
  id: string,
  { decision, doubt }: { readonly decision: string; readonly doubt: Doubt },
): string[] {
  if (doubt === 'sent') return []
  const state = snapshot.calls.find((call) => call.call_id === id)?.state
  const applied = decision === 'reject' ? state === 'answered' : state !== 'awaiting_approval'
  return applied && !snapshot.pending.includes(id) ? [] : [`the decision ${decision} on ${id} is lost: ${state}`]
}
