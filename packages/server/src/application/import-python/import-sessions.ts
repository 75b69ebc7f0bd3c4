import type { Clock } from '../ports/clock.ts'
import type { Ids } from '../ports/ids.ts'
import type { SessionSource, SourceCounts, SourceSession } from '../ports/session-source.ts'
import type { Transaction, UnitOfWork } from '../ports/store.ts'
import { buildHistory } from '../run/request.ts'
import { type MendDeps, type MendedSession, mendSession } from './mend-session.ts'
import { Mends } from './mends.ts'
import { storeSession } from './store-session.ts'

/** Messages, and sessions, of one transaction; a session is never divided. */
const batchMessages = 2_000
const batchSessions = 100
const longestId = 255
/** Sessions that are named for each reason; the others are counted. */
const mostNamed = 5

export interface ImportDeps extends MendDeps {
  readonly source: SessionSource
  /** Undefined when there is no database yet, which only a dry run allows. */
  readonly store: UnitOfWork | undefined
  readonly clock: Clock
  readonly ids: Ids
}

export interface ImportReport {
  readonly applied: boolean
  readonly theirs: SourceCounts
  /** What was taken, or would be. */
  readonly taken: ImportCounts
  /** Read back from the store, with what an earlier import took; null in a dry run. */
  readonly ours: ImportCounts | null
  readonly mends: readonly { readonly mend: string; readonly count: number; readonly says: string }[]
  readonly leftOut: readonly LeftOut[]
  /** Stored, and a strict provider would refuse them: there should be none. */
  readonly unsound: readonly string[]
}

export interface ImportCounts {
  readonly sessions: number
  readonly messages: number
  readonly switches: number
  readonly waiting: number
}

export type LeftOutReason = 'taken_before' | 'moved_on' | 'deleted_here' | 'id_taken' | 'id_unusable'

export interface LeftOut {
  readonly reason: LeftOutReason
  readonly count: number
  /** The first of them. */
  readonly sessions: readonly string[]
}

/** Takes the sessions of another service that are not here yet; without `apply`, only says what would be taken. Repeating it takes what
 *  is new and doubles nothing. */
export async function importSessions(
  deps: ImportDeps,
  { ownerId, apply }: { readonly ownerId: string; readonly apply: boolean },
): Promise<ImportReport> {
  const work = new Import(deps, ownerId, apply)
  const theirs = await deps.source.counts()
  for await (const session of deps.source.sessions()) await work.take(session)
  await work.flush()
  return work.report(theirs)
}

interface Planned extends MendedSession {
  readonly sid: string
}

class Import {
  readonly #deps: ImportDeps
  readonly #ownerId: string
  readonly #apply: boolean
  readonly #mends = new Mends()
  readonly #leftOut = new Map<LeftOutReason, { count: number; readonly sessions: string[] }>()
  readonly #unsound: string[] = []
  #taken = nothing
  #ours = nothing
  #batch: Planned[] = []
  #batchedMessages = 0

  constructor(deps: ImportDeps, ownerId: string, apply: boolean) {
    this.#deps = deps
    this.#ownerId = ownerId
    this.#apply = apply
  }

  async take(source: SourceSession): Promise<void> {
    const { clock, ids, store } = this.#deps
    // The same session has the same id whenever it is read: that is how a second import knows it.
    const sid = ids.digest(`python-service\n${this.#ownerId}\n${source.id}`).slice(0, 32)
    const session = { ...mendSession(this.#deps, source, clock.now()), sid }
    const reason = isUsable(source.id) ? await store?.read((tx) => this.#whyNot(tx, session)) : 'id_unusable'
    if (reason !== undefined) {
      this.#leave(source.id, reason)
      return
    }
    this.#taken = add(this.#taken, countsOf(session))
    this.#mends.addAll(session.mends)
    if (!this.#apply) return
    this.#batch.push(session)
    this.#batchedMessages += session.messages
    if (this.#batchedMessages >= batchMessages || this.#batch.length >= batchSessions) await this.flush()
  }

  async flush(): Promise<void> {
    const { store, ids } = this.#deps
    const sessions = this.#batch.splice(0)
    this.#batchedMessages = 0
    if (!store || sessions.length === 0) return
    const ownerId = this.#ownerId
    await store.transact(async (tx) => {
      for (const session of sessions) await storeSession(tx, ids, session, { sid: session.sid, ownerId })
    })
    for (const session of sessions) await store.read((tx) => this.#check(tx, session))
  }

  report(theirs: SourceCounts): ImportReport {
    return {
      applied: this.#apply,
      theirs,
      taken: this.#taken,
      ours: this.#apply ? this.#ours : null,
      mends: this.#mends.list(),
      leftOut: [...this.#leftOut].map(([reason, left]) => ({ reason, ...left })),
      unsound: this.#unsound,
    }
  }

  async #whyNot(tx: Transaction, session: Planned): Promise<LeftOutReason | undefined> {
    const before = await tx.sessions.get(session.sid)
    if (before?.deleted) return 'deleted_here'
    if (!before) return (await tx.sessions.find(this.#ownerId, session.externalId)) ? 'id_taken' : undefined
    if (this.#apply) await this.#count(tx, session)
    return before.messageCount < session.messages ? 'moved_on' : 'taken_before'
  }

  /** Reads back what is stored, and whether a model could be given it. */
  async #check(tx: Transaction, session: Planned): Promise<void> {
    const { messages, open } = await this.#count(tx, session)
    // A call that waits has no result yet; it is given one when the conversation goes on.
    if (buildHistory(messages).repairs !== open.length && this.#unsound.length < mostNamed)
      this.#unsound.push(session.externalId)
  }

  async #count(tx: Transaction, { sid }: Planned) {
    const messages = await tx.messages.list(sid)
    const open = await tx.calls.list(sid, 'open')
    const switches = await tx.switches.list(sid)
    const counts = { sessions: 1, messages: messages.length, switches: switches.length, waiting: open.length }
    this.#ours = add(this.#ours, counts)
    return { messages, open }
  }

  #leave(sessionId: string, reason: LeftOutReason): void {
    const left = this.#leftOut.get(reason) ?? { count: 0, sessions: [] }
    left.count += 1
    if (left.sessions.length < mostNamed) left.sessions.push(sessionId)
    this.#leftOut.set(reason, left)
  }
}

const nothing: ImportCounts = { sessions: 0, messages: 0, switches: 0, waiting: 0 }

function countsOf({ messages, switches, waiting }: MendedSession): ImportCounts {
  return { sessions: 1, messages, switches: switches.length, waiting }
}

function add(a: ImportCounts, b: ImportCounts): ImportCounts {
  return {
    sessions: a.sessions + b.sessions,
    messages: a.messages + b.messages,
    switches: a.switches + b.switches,
    waiting: a.waiting + b.waiting,
  }
}

/** As the wire takes it: no control characters, no half of a surrogate pair. */
function isUsable(id: string): boolean {
  return id !== '' && id.length <= longestId && id.isWellFormed() && !/\p{Cc}/u.test(id)
}
