import type { DatabaseSync } from 'node:sqlite'
import type { SessionEvent } from '../../src/application/index.ts'
import type { StoredMessage } from '../../src/domain/session.ts'
import type { Witness } from './violation.ts'

interface SeenEvent {
  readonly type: string
  readonly at: number
  readonly turn_id: string | null
  readonly run_id: string | null
  readonly facts: string
}

const promise = 'what a client has seen is stored'

/** Everything that left the process. */
export class Seen {
  readonly #events = new Map<string, SeenEvent>()
  readonly #messages = new Map<string, string>()
  readonly #facts: { readonly text: string; readonly sql: string; readonly values: (string | number)[] }[] = []
  readonly #replaces: boolean
  readonly #witness: Witness

  /** `replaces`: whether a stored result may be replaced by a later one. */
  constructor(witness: Witness, replaces: boolean) {
    this.#witness = witness
    this.#replaces = replaces
  }

  event(event: SessionEvent): void {
    const key = `${event.sid} ${event.seq}`
    const entry = {
      type: event.type,
      at: event.at,
      turn_id: event.turnId ?? null,
      run_id: event.runId ?? null,
      facts: JSON.stringify(event.facts),
    }
    const before = this.#events.get(key)
    if (before && JSON.stringify(before) !== JSON.stringify(entry))
      this.#witness.accuse('every reader sees the same', `${key}: ${before.type} and ${entry.type}`)
    this.#events.set(key, entry)
    if (event.type === 'message.created' && event.message) this.message(event.message)
  }

  message(message: StoredMessage): void {
    if (this.#replaces && message.role === 'tool') return
    this.#messages.set(message.id, text(message.role, message.status, JSON.stringify(message.parts)))
  }

  /** What an answer said: the query must give a row. */
  fact(what: string, sql: string, ...values: (string | number)[]): void {
    this.#facts.push({ text: what, sql, values })
  }

  check(database: DatabaseSync): void {
    const event = database.prepare('select type, at, turn_id, run_id, facts from events where sid = ? and seq = ?')
    for (const [key, seen] of this.#events) {
      const [sid = '', seq] = key.split(' ')
      const row = event.get(sid, Number(seq))
      if (JSON.stringify({ ...row }) !== JSON.stringify(seen))
        this.#witness.accuse(promise, `event ${key} ${seen.type}, stored: ${row ? String(row['type']) : 'nothing'}`)
    }
    const message = database.prepare('select role, status, parts from messages where id = ?')
    for (const [id, seen] of this.#messages) {
      const row = message.get(id) as { role: string; status: string; parts: string } | undefined
      if (!row || text(row.role, row.status, row.parts) !== seen)
        this.#witness.accuse(promise, `message ${id}: ${seen}, stored: ${row ? row.parts : 'nothing'}`)
    }
    for (const fact of this.#facts)
      if (!database.prepare(fact.sql).get(...fact.values)) this.#witness.accuse(promise, fact.text)
  }
}

function text(role: string, status: string, parts: string): string {
  return `${role} ${status} ${parts}`
}
