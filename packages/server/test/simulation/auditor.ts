import type { DatabaseSync } from 'node:sqlite'
import type { SessionEvent } from '../../src/application/index.ts'
import { LogView } from './log-view.ts'
import type { Witness } from './violation.ts'

interface EventRow {
  readonly position: number
  readonly sid: string
  readonly seq: number
  readonly type: string
  readonly turn_id: string | null
  readonly run_id: string | null
  readonly facts: string
}

const rebuilt = 'state rebuilt from events equals the rows'
/** How long an input may wait in line of a session that does nothing. */
const idleWaitMs = 2_000

/** Reads the log after every commit and compares what it tells with the tables. */
export class Auditor {
  readonly #witness: Witness
  readonly #router: string
  readonly #now: () => number
  #database: DatabaseSync
  #position = 0
  readonly #views = new Map<string, LogView>()
  readonly #idleSince = new Map<string, number>()

  constructor(database: DatabaseSync, router: string, witness: Witness, now: () => number) {
    this.#database = database
    this.#router = router
    this.#witness = witness
    this.#now = now
  }

  /** After a restart: what is stored now is all there is. */
  restart(database: DatabaseSync): void {
    this.#database = database
    this.#position = 0
    this.#views.clear()
    this.#idleSince.clear()
    this.advance()
  }

  /** Everything that came into the log since the last time. */
  advance(): void {
    const rows = this.#all<EventRow>('select * from events where position > ? order by position', this.#position)
    const touched = new Set<string>()
    for (const row of rows) {
      this.#position = row.position
      touched.add(row.sid)
      const view = this.#views.get(row.sid) ?? new LogView(row.sid, this.#router, this.#witness)
      this.#views.set(row.sid, view)
      const { sid, seq, type, turn_id: turnId, run_id: runId } = row
      view.add({ sid, seq, type, turnId, runId, at: 0, facts: JSON.parse(row.facts) } as SessionEvent)
      this.#witness.note('log', `${sid.slice(-3)} ${seq} ${type} ${row.facts.slice(0, 160)}`)
    }
    for (const sid of touched) this.#compareSession(sid)
  }

  /** An input in line of a session that does nothing has been forgotten. */
  checkWaiting(): void {
    for (const [sid, since] of this.#idleSince)
      if (this.#now() - since > idleWaitMs)
        this.#witness.accuse('nothing waits for ever', `an input waits in line of ${sid}, which does nothing`)
  }

  /** Every row of every session. */
  checkAll(): void {
    this.advance()
    for (const view of this.#views.values()) {
      this.#compareSession(view.sid)
      this.#compareRows(view)
      this.#checkResults(view.sid)
      this.#checkMessages(view.sid)
    }
  }

  /** Nothing runs and nothing waits in line. `orphans`: rows may be left whose requests were refused when the store failed. */
  checkQuiet(when: string, orphans: boolean): void {
    const running = this.#all('select sid from sessions where state = ? and deleted_at is null', 'running')
    const runs = this.#all('select run_id from runs where ended_at is null')
    const waiting = this.#all("select id from inputs where state = 'waiting'")
    const drafts = this.#all('select message_id from drafts')
    if (drafts.length > 0) this.#witness.accuse('bounded maps are empty at the end', `${when}: ${drafts.length} drafts`)
    if (running.length + runs.length + (orphans ? 0 : waiting.length) > 0)
      this.#witness.accuse(
        'no session is stuck',
        `${when}: ${running.length} sessions run, ${runs.length} runs have no end, ${waiting.length} inputs wait`,
      )
  }

  #compareSession(sid: string): void {
    const view = this.#views.get(sid)
    const [row] = this.#all<Record<string, unknown>>('select * from sessions where sid = ?', sid)
    if (!view || !row) return
    const told = [view.state, view.turnId, view.agent, view.lastSeq, view.messages.length, view.switchCount]
    const stored = [
      row['state'],
      row['turn_id'],
      row['current_agent'],
      row['last_seq'],
      row['message_count'],
      row['switch_count'],
    ]
    this.#same(`session ${sid}`, [...told, view.deleted], [...stored, row['deleted_at'] !== null])
    // A steer waits for the results of what the client runs.
    const steers = row['state'] === 'idle' ? '' : " and kind <> 'steer'"
    const waiting =
      this.#all(`select 1 from inputs where sid = ? and state = 'waiting'${steers} limit 1`, sid).length > 0
    if (!waiting || row['state'] === 'running') this.#idleSince.delete(sid)
    else if (!this.#idleSince.has(sid)) this.#idleSince.set(sid, this.#now())
  }

  #compareRows(view: LogView): void {
    const { sid } = view
    const turns = this.#all<{ turn_id: string; state: string; steps: number }>('select * from turns where sid = ?', sid)
    this.#sameSet(
      `turns of ${sid}`,
      [...view.turns].map(([id, { state, steps }]) => `${id} ${state} ${steps}`),
      turns.map((row) => `${row.turn_id} ${row.state} ${row.steps}`),
    )
    const runs = this.#all<{ run_id: string; outcome: string | null }>('select * from runs where sid = ?', sid)
    this.#sameSet(
      `runs of ${sid}`,
      [...view.runs].map(([id, outcome]) => `${id} ${outcome}`),
      runs.map((row) => `${row.run_id} ${row.outcome}`),
    )
    const calls = this.#all<{ call_id: string; state: string; approval_status: string | null }>(
      'select * from tool_calls where sid = ?',
      sid,
    )
    this.#sameSet(
      `calls of ${sid}`,
      [...view.calls].map(([id, { state, approval }]) => `${id} ${state} ${approval}`),
      calls.map((row) => `${row.call_id} ${row.state} ${row.approval_status}`),
    )
    const messages = this.#all<{ id: string; position: number }>(
      'select id, position from messages where sid = ? order by position',
      sid,
    )
    this.#same(
      `messages of ${sid}`,
      view.messages.map((id, index) => `${id} ${index + 1}`),
      messages.map((row) => `${row.id} ${row.position}`),
    )
    const switches = this.#all('select 1 from agent_switches where sid = ?', sid)
    this.#same(`switches of ${sid}`, view.switchCount, switches.length)
  }

  #checkResults(sid: string): void {
    const results = this.#all<{ parts: string }>("select parts from messages where sid = ? and role = 'tool'", sid)
    const told = results.map((row) => (JSON.parse(row.parts) as { callId: string }[])[0]?.callId ?? '')
    const closedCalls = "from tool_calls where sid = ? and state in ('answered', 'cancelled')"
    const closed = this.#all<{ call_id: string }>(`select call_id ${closedCalls} and parent_call_id is null`, sid)
    const what = 'a call has exactly one result'
    const kept = `select call_id ${closedCalls} and parent_call_id is not null`
    const bare = this.#all<{ call_id: string }>(
      `${kept} and not exists (select 1 from tool_artifacts t where t.sid = tool_calls.sid and t.call_id = tool_calls.call_id)`,
      sid,
    )
    const left = this.#all<{ call_id: string }>(
      `select call_id from tool_calls where sid = ? and lowered = 1 and state = 'open' and not exists (select 1 from
        tool_calls step where step.sid = tool_calls.sid and step.parent_call_id = tool_calls.call_id
        and step.state in ('open', 'awaiting_approval'))`,
      sid,
    )
    for (const { call_id } of bare) this.#witness.accuse(what, `session ${sid}: the step ${call_id} has none`)
    for (const { call_id } of left) this.#witness.accuse(what, `session ${sid}: nothing carries out ${call_id}`)
    if (JSON.stringify(told.sort()) !== JSON.stringify(closed.map((row) => row.call_id).sort()))
      this.#witness.accuse(
        what,
        `session ${sid}: results ${told.join(' ')}, closed calls ${closed.map((row) => row.call_id).join(' ')}`,
      )
  }

  /** No client sends the same text as two messages. */
  #checkMessages(sid: string): void {
    const twice = this.#all<{ parts: string }>(
      "select parts from messages where sid = ? and role = 'user' group by parts having count(*) > 1",
      sid,
    )
    for (const { parts } of twice) this.#witness.accuse('an input is taken once', `session ${sid}: ${parts}`)
  }

  #all<T>(sql: string, ...values: (string | number)[]): T[] {
    return this.#database.prepare(sql).all(...values) as T[]
  }

  #sameSet(what: string, told: string[], stored: string[]): void {
    this.#same(what, told.sort(), stored.sort())
  }

  #same(what: string, told: unknown, stored: unknown): void {
    const [a, b] = [JSON.stringify(told), JSON.stringify(stored)]
    if (a !== b) this.#witness.accuse(rebuilt, `${what}: the log tells ${a}, the rows say ${b}`)
  }
}
