import type { NewEvent, SessionEvent } from '../../domain/event.ts'
import { type Part, withMasks } from '../../domain/message.ts'
import type { Session, SessionPatch, StoredMessage } from '../../domain/session.ts'
import type { Transaction } from '../ports/store.ts'

/** What one transaction does to a session whose row it has read: its events and the fields that change, stored together at the end with one
 *  write of the row. */
export class Changes {
  readonly at: number
  readonly events: NewEvent[] = []
  readonly tx: Transaction
  #session: Session
  #patch: SessionPatch = {}
  turnId: string | null
  runId: string | null = null
  /** How long the run has worked. */
  workedMs: number | undefined

  constructor(tx: Transaction, session: Session, at: number) {
    this.tx = tx
    this.#session = session
    this.turnId = session.turnId
    this.at = at
  }

  /** As it will be after `store`. */
  get session(): Session {
    return this.#session
  }

  get sid(): string {
    return this.#session.sid
  }

  /** Adds an event of the current turn and run. */
  add(event: NewEvent): void {
    this.events.push({ ...event, turnId: event.turnId ?? this.turnId, runId: event.runId ?? this.runId })
  }

  set(patch: SessionPatch): void {
    this.#patch = { ...this.#patch, ...patch }
    this.#session = { ...this.#session, ...patch }
  }

  async appendMessage(message: {
    readonly id: string
    readonly role: StoredMessage['role']
    readonly parts: readonly Part[]
    readonly agent: string | null
    readonly status?: StoredMessage['status']
  }): Promise<StoredMessage> {
    const parts = message.role === 'assistant' ? message.parts : withMasks(message.parts, this.sid)
    const stored: StoredMessage = {
      status: 'complete',
      ...message,
      parts,
      sid: this.sid,
      position: this.#session.messageCount + 1,
      turnId: this.turnId,
      createdAt: this.at,
    }
    await this.tx.messages.add(stored)
    const lastActivity = Math.max(this.#session.lastActivity, this.at)
    this.set({ messageCount: stored.position, lastActivity })
    this.add({ type: 'message.created', facts: { messageId: stored.id, role: stored.role }, message: stored })
    return stored
  }

  async store(): Promise<readonly SessionEvent[]> {
    const { sid, at } = this
    const before = this.#session.lastSeq
    const events = this.events.map((event, index) => ({ ...event, sid, seq: before + index + 1, at }))
    if (events.length > 0) this.set({ lastSeq: before + events.length })
    if (Object.keys(this.#patch).length > 0) await this.tx.sessions.update(sid, this.#patch)
    await this.tx.log.add(events)
    return events
  }
}
