import type { SessionHistory } from '@codelab/protocol'
import type { TurnEnd } from './events.ts'
import type { ConversationParts, SessionState } from './parts.ts'
import { openCalls } from './recovery.ts'
import { Steering } from './steering.ts'
import { Turn, type TurnInput } from './turn.ts'

/** What is found when a session is opened again. */
export interface OpenedSession {
  readonly history: SessionHistory
  /** `running`: a turn goes on in the server. `waiting`: calls are open. */
  readonly state: 'idle' | 'running' | 'waiting'
  readonly waitingSince: string
  readonly title: string | undefined
}

const maxSteerings = 8

/** One session, turn after turn. Knows nothing of a screen: it shows events and asks an approver. */
export class Conversation {
  readonly #parts: ConversationParts
  readonly #session: SessionState
  #turn: Turn | undefined
  #steerings: Steering[] = []
  #wasLeftRunning = false

  constructor(parts: ConversationParts, sessionId: string) {
    this.#parts = parts
    this.#session = { id: sessionId, agent: 'orchestrator', isNew: true, userMessages: 0 }
  }

  get sessionId(): string {
    return this.#session.id
  }

  get agent(): string {
    return this.#session.agent
  }

  /** Whether the server has a message of this session. */
  get isNew(): boolean {
    return this.#session.isNew
  }

  /** Sends what a person says; `agent` answers it, and from then on. Settles when the turn has ended. */
  async say(text: string, agent?: string): Promise<TurnEnd> {
    const message = { type: 'user_message', content: text, ...(agent ? { agent_type: agent } : {}) } as const
    return this.#run({ kind: 'message', message })
  }

  /** Says something while a turn runs: it enters the turn at its next step. False: no turn runs, or too much waits already. */
  steer(text: string): boolean {
    if (!this.#turn || this.#turn.isCancelled || this.#steerings.length >= maxSteerings) return false
    this.#steerings.push(new Steering(this.#parts, this.#session.id, text))
    return true
  }

  /** Reads how the session stands. Throws ApiError, 404 for one that the server does not know. */
  async open(): Promise<OpenedSession> {
    const { client } = this.#parts.link
    const detail = await client.getSession(this.#session.id)
    const history = await client.history(this.#session.id)
    this.#session.agent = detail.current_agent
    this.#session.isNew = history.messages.length === 0
    this.#session.userMessages = history.messages.filter((message) => message.role === 'user').length
    const waits = detail.state === 'awaiting_tool' || detail.state === 'awaiting_approval'
    const state = waits ? 'waiting' : detail.state === 'running' ? 'running' : 'idle'
    return { history, state, waitingSince: detail.last_activity, title: detail.title ?? undefined }
  }

  /** Goes on with what an earlier client left: asks the open approvals again, runs the open calls. */
  async goOn(options: { isOtherFolder: boolean }): Promise<TurnEnd> {
    const calls = await openCalls(this.#parts, this.#session.id)
    return this.#run({ kind: 'open', calls, isOtherFolder: options.isOtherFolder })
  }

  /** Waits for a turn that runs in the server, then goes on with it. */
  async follow(): Promise<TurnEnd> {
    return this.#run({ kind: 'follow' })
  }

  get isBusy(): boolean {
    return this.#turn !== undefined
  }

  /** Stops the turn that runs; nothing happens without one. */
  async cancel(): Promise<void> {
    for (const steering of this.#steerings) steering.drop()
    await this.#turn?.cancel()
  }

  /** Lets go of a turn that runs; it goes on in the server. */
  leave(): void {
    if (this.#turn && !this.#turn.isCancelled) this.#wasLeftRunning = true
    this.#turn?.leave()
  }

  /** Whether a turn was let go that nobody has stopped. */
  get wasLeftRunning(): boolean {
    return this.#wasLeftRunning
  }

  /** One turn, and then those that were made of what was said meanwhile; gives the end of the last one. */
  async #run(first: TurnInput): Promise<TurnEnd> {
    if (this.#turn) throw new Error('A turn runs already')
    let input: TurnInput | undefined = first
    let end: TurnEnd | undefined
    try {
      while (input) {
        this.#turn = new Turn(this.#parts, this.#session)
        end = await this.#turn.run(input)
        input = await this.#nextOf(end)
      }
      if (!end) throw new Error('No turn has run')
      return end
    } finally {
      this.#turn = undefined
      for (const steering of this.#steerings.splice(0)) steering.drop()
    }
  }

  /** The first of what was said meanwhile that did not enter the turn. */
  async #nextOf(end: TurnEnd): Promise<TurnInput | undefined> {
    while (this.#steerings.length > 0) {
      const [steering] = this.#steerings.splice(0, 1)
      if (!steering || (await steering.end(end)) !== 'own') continue
      this.#parts.show({ type: 'steer.own', text: steering.text })
      const message = { type: 'user_message', content: steering.text } as const
      return { kind: 'sent', message, frames: steering.frames() }
    }
    return undefined
  }
}
