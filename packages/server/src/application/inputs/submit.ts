import { RuntimeError } from '../../domain/errors.ts'
import type { SessionEvent } from '../../domain/event.ts'
import type { InputKind, Session } from '../../domain/session.ts'
import { startDeadline } from '../deadline.ts'
import type { Log } from '../ports/log.ts'
import type { Transaction, UnitOfWork } from '../ports/store.ts'
import type { Channels } from '../readers/channels.ts'
import { stopReason } from '../replicas/owned-session.ts'
import type { ActiveRuns } from '../run/active-runs.ts'
import { findSession } from '../sessions.ts'
import { enterTurn } from './enter-turn.ts'
import { InOrder } from './in-order.ts'
import type { SubmitInput, Taken } from './input.ts'
import { findRepeat, inputRow } from './repeats.ts'
import { checkInput, takeInput } from './take.ts'
import type { TakeDeps } from './take-deps.ts'

export interface SubmitDeps extends TakeDeps {
  readonly store: UnitOfWork
  readonly channels: Channels
  readonly log: Log
  readonly limits: { readonly queueLength: number; readonly queueWaitMs: number }
  /** Starts the work of a run that goes on. `durable` resolves when what it answers may be shown. */
  startRun(taken: Taken, durable: Promise<void>): void
  /** The run of a session that works here. */
  readonly active: ActiveRuns
}

/** What came of an input: taken at once, or in line behind the one that runs. */
export type Submitted =
  | { readonly state: 'taken'; readonly taken: Taken }
  | { readonly state: 'queued'; readonly position: number; readonly taken: Promise<Taken> }

const notSteer: readonly InputKind[] = ['message', 'tool_result', 'decision', 'switch', 'resume']

const busyText = 'The session is busy. Wait for the answer that is being worked on, then send this again'

/** The request that an input in line belongs to. */
interface Waiter {
  readonly input: SubmitInput
  readonly taken: PromiseWithResolvers<Taken>
  /** Known as soon as it stands in line. */
  sid?: string
}

/** The session's one writer (DESIGN promise 2): inputs of a session are taken in order, one run at a time. */
export interface Inputs {
  /** Stores what arrived. An idle session takes it in the same transaction; behind a run it waits, first in first out. Throws what refuses
   *  the input; nothing is stored then. `signal` firing while it waits drops it: it was not acknowledged. */
  submit(input: SubmitInput, signal: AbortSignal): Promise<Submitted>
  /** Takes the next waiting input of a session that has become free. */
  advance(sid: string): Promise<void>
  /** Lets messages that steer enter the turn of a run, between two of its steps. */
  steer(taken: Taken): Promise<void>
  /** Another replica has told of a session: what waits here for it may have been taken there, or can be taken now. */
  revisit(sid: string): Promise<void>
  /** Sessions that something here waits for. */
  readonly sids: ReadonlySet<string>
  /** Inputs that are being taken, or wait in line. */
  readonly waiting: number
}

export function createInputs(deps: SubmitDeps): Inputs {
  const waiters = new Map<string, Waiter>()
  // How many of them stand in line, by session.
  const lines = new Map<string, number>()
  // Where units run side by side, the later of two inputs could be stored first.
  const inOrder = new InOrder()

  async function submit(input: SubmitInput, signal: AbortSignal): Promise<Submitted> {
    const inputId = deps.ids.next()
    // Known before the row is: the run ahead may end, and take the next input, as soon as the row is there.
    const waiter: Waiter = { input, taken: Promise.withResolvers() }
    waiters.set(inputId, waiter)
    let queued = false
    try {
      // After the database was away: what is taken by one that counts as dead would be taken from it at once.
      if (!deps.lease.held) await deps.lease.renew()
      const { value, durable } = await deps.active.taking(async () => {
        const decided = await inOrder.run(JSON.stringify([input.ownerId, input.sessionId]), () =>
          deps.store.commit((tx) => decide(tx, inputId, input)),
        )
        if (decided.value.state === 'taken') begin(decided.value.taken, decided.value.events, decided.durable)
        return decided
      })
      if (value.state === 'queued') {
        queued = true
        waiter.sid = value.sid
        const taken = wait(value.sid, inputId, waiter, signal)
        // Whoever follows the input hears of a refusal; until then it must not count as unheard.
        taken.catch(() => undefined)
        await durable
        deps.channels.publish(value.sid, value.events)
        if (input.onBusy === 'interrupt') deps.active.stop(value.sid, stopReason('interrupted'))
        return { state: 'queued', position: value.position, taken }
      }
      if (value.state === 'waits') return waitsAlready(value.inputId)
      await durable
      return { state: 'taken', taken: value.taken }
    } finally {
      if (!queued) waiters.delete(inputId)
    }
  }

  /** What becomes of an input, in one transaction: repeated, taken, or put in line. */
  async function decide(tx: Transaction, inputId: string, input: SubmitInput) {
    const session = await findSession(tx, input)
    const repeated = session && (await findRepeat(tx, deps, session, input))
    if (repeated?.state === 'running') return { state: 'repeated' as const, taken: repeated.taken }
    if (repeated?.state === 'waiting') return { state: 'waits' as const, inputId: repeated.inputId }
    const asked: SubmitInput = repeated ? { ...input, body: { kind: 'resume' } } : input
    await checkInput(tx, deps, asked, session)
    const position = session ? await placeInLine(tx, session, input) : 0
    if (session && position > 0) return await queue(tx, session, inputId, input, position)
    const { taken, events } = await takeInput(tx, deps, asked, session)
    const run = { runId: taken.runId, afterSeq: taken.afterSeq }
    if (repeated) await tx.inputs.setRun(repeated.inputId, run)
    else if (input.repeatKey !== undefined) {
      const { kind } = input.body
      await tx.inputs.add(inputRow(deps, input, { id: inputId, sid: taken.sid, kind, state: 'taken', run }))
    }
    return { state: 'taken' as const, taken, events }
  }

  /** How many inputs come before one that arrives now, the running one included; 0: it can be taken. A steer waits for what the client runs
   *  too, since it enters after the results; nothing else waits for a steer. */
  async function placeInLine(tx: Transaction, session: Session, input: SubmitInput): Promise<number> {
    const steers = kindOf(input) === 'steer'
    const waiting = await tx.inputs.countWaiting(session.sid, steers ? undefined : notSteer)
    const busy = session.state === 'running' || (steers && session.state !== 'idle')
    return waiting + (busy || waiting > 0 ? 1 : 0)
  }

  async function queue(tx: Transaction, session: Session, id: string, input: SubmitInput, position: number) {
    if (input.onBusy === 'reject' || position > deps.limits.queueLength) throw sessionBusy()
    const kind = kindOf(input)
    await tx.inputs.add(inputRow(deps, input, { id, sid: session.sid, kind, state: 'waiting', run: null }))
    // Stored, since the run may be another replica's.
    if (input.onBusy === 'interrupt') await tx.sessions.update(session.sid, { stop: 'interrupted' })
    const events = await tx.log.append(session.sid, deps.clock.now(), [
      { type: 'input.queued', facts: { inputId: id, kind } },
    ])
    return { state: 'queued' as const, sid: session.sid, position, events }
  }

  /** The same input stands in line already: its answer is this one's too. */
  function waitsAlready(inputId: string): Submitted {
    const waiter = waiters.get(inputId)
    if (!waiter) throw sessionBusy()
    return { state: 'queued', position: 1, taken: waiter.taken.promise }
  }

  /** A run's first events are shown once they are durable; the model may be asked before that. */
  function begin(taken: Taken, events: readonly SessionEvent[], durable: Promise<void>): void {
    const shown = durable.then(() => deps.channels.publish(taken.sid, events))
    // Whoever awaits `durable` hears of the failure; this one only must not be unhandled.
    shown.catch(() => undefined)
    if (taken.goesOn) deps.startRun(taken, shown)
    else shown.then(() => advance(taken.sid)).catch((error) => deps.log.error('advance failed', { error }))
  }

  function wait(sid: string, inputId: string, waiter: Waiter, signal: AbortSignal): Promise<Taken> {
    const timeout = new AbortController()
    const ended = AbortSignal.any([signal, timeout.signal])
    const channel = deps.channels.follow(sid)
    const giveUp = () => {
      const reason = signal.aborted ? 'the client left' : 'waited too long'
      drop(sid, inputId, kindOf(waiter.input), reason).catch((error) => deps.log.error('drop failed', { error }))
    }
    if (ended.aborted) giveUp()
    ended.addEventListener('abort', giveUp, { once: true })
    const stopClock = startDeadline(deps.clock, deps.limits.queueWaitMs, () => timeout.abort())
    lines.set(sid, (lines.get(sid) ?? 0) + 1)
    // It may have become free between the commit and now.
    advance(sid).catch((error) => deps.log.error('advance failed', { error }))
    return waiter.taken.promise.finally(() => {
      stopClock()
      deps.channels.unfollow(channel)
      ended.removeEventListener('abort', giveUp)
      waiters.delete(inputId)
      const rest = (lines.get(sid) ?? 1) - 1
      if (rest > 0) lines.set(sid, rest)
      else lines.delete(sid)
    })
  }

  async function drop(sid: string, inputId: string, kind: InputKind, reason: string): Promise<void> {
    const events = await deps.store.transact(async (tx) => {
      await tx.sessions.get(sid)
      if (!(await tx.inputs.settle(inputId, 'dropped'))) return []
      return await tx.log.append(sid, deps.clock.now(), [{ type: 'input.dropped', facts: { inputId, kind, reason } }])
    })
    if (events.length === 0) return
    deps.channels.publish(sid, events)
    waiters.get(inputId)?.taken.reject(sessionBusy())
  }

  async function advance(sid: string): Promise<void> {
    // What waits elsewhere is told by the log that the session is free.
    while (lines.has(sid) && (await takeNext(sid)));
  }

  /** Takes the first waiting input, or drops it when it can be taken no more. False: nothing waits, or the session is taken. */
  async function takeNext(sid: string): Promise<boolean> {
    const next = await deps.store.read(async (tx) => {
      const session = await tx.sessions.get(sid)
      // A steer waits for the results of what the client runs; any other message does away with them.
      return await tx.inputs.firstWaiting(sid, session?.state === 'idle' ? undefined : notSteer)
    })
    if (!next) return false
    const waiter = waiters.get(next.id)
    if (!waiter) {
      // That of another replica, which hears that the session is free.
      if (next.replica !== deps.lease.id) return false
      await drop(sid, next.id, next.kind, 'nobody waits for it')
      return true
    }
    try {
      if (!deps.lease.held) await deps.lease.renew()
      const { value, durable } = await deps.active.taking(async () => {
        const result = await deps.store.commit((tx) => takeWaiting(tx, sid, next.id, waiter.input))
        if (typeof result.value === 'object') begin(result.value.taken, result.value.events, result.durable)
        return result
      })
      if (value === 'busy') return false
      // Its client left, or another call took it: the next one may have waited for it.
      if (value === 'settled') return true
      await durable
      waiter.taken.resolve(value.taken)
      return !value.taken.goesOn
    } catch (error) {
      waiter.taken.reject(error)
      await drop(sid, next.id, next.kind, RuntimeError.from(error).code)
      return true
    }
  }

  async function takeWaiting(tx: Transaction, sid: string, inputId: string, input: SubmitInput) {
    const session = await tx.sessions.get(sid)
    if (!session || session.deleted) throw new RuntimeError('session_deleted', 'The session was deleted')
    if (session.state === 'running') return 'busy'
    if (!(await tx.inputs.settle(inputId, 'taken'))) return 'settled'
    await checkInput(tx, deps, input, session)
    const result = await takeInput(tx, deps, input, session)
    await tx.inputs.setRun(inputId, { runId: result.taken.runId, afterSeq: result.taken.afterSeq })
    return result
  }

  /** Lets the messages that steer a running turn enter it. Called by the run, between its steps. */
  async function steer(taken: Taken): Promise<void> {
    const run = deps.active.get(taken.sid)
    while (lines.has(taken.sid) || run?.told) {
      const next = await deps.store.read((tx) => tx.inputs.firstWaiting(taken.sid, ['steer']))
      if (!next) {
        if (run) run.told = false
        return
      }
      const waiter = waiters.get(next.id)
      if (!waiter && next.replica === deps.lease.id) {
        await drop(taken.sid, next.id, next.kind, 'nobody waits for it')
        continue
      }
      const { body, client } = waiter?.input ?? (JSON.parse(next.bodyJson) as SubmitInput)
      if (body.kind !== 'message') return
      const { content } = body
      const entered = await deps.store.transact((tx) => enterTurn(tx, deps, taken, next.id, { client, content }))
      if (!entered) return
      deps.channels.publish(taken.sid, entered.events)
      waiter?.taken.resolve({ ...taken, afterSeq: entered.afterSeq })
    }
  }

  async function revisit(sid: string): Promise<void> {
    for (const [inputId, waiter] of waiters) {
      if (waiter.sid !== sid) continue
      const { input, session } = await deps.store.read(async (tx) => ({
        input: await tx.inputs.get(inputId),
        session: await tx.sessions.get(sid),
      }))
      const run = input?.run && (await deps.store.read((tx) => tx.runs.get(input.run?.runId ?? '')))
      if (input?.state === 'taken' && input.run && run) {
        const { runId, turnId } = run
        const fence = session?.fence ?? 0
        waiter.taken.resolve({
          sid,
          turnId,
          runId,
          fence,
          afterSeq: input.run.afterSeq,
          goesOn: false,
          byExecutor: true,
          attached: true,
        })
      } else if (input?.state !== 'waiting') waiter.taken.reject(sessionBusy())
    }
    await advance(sid)
  }

  return {
    submit,
    advance,
    steer,
    revisit,
    get sids() {
      return new Set([...waiters.values()].flatMap(({ sid }) => sid ?? []))
    },
    get waiting() {
      return waiters.size
    },
  }
}

/** As what it stands in line. */
function kindOf({ body, onBusy }: SubmitInput): InputKind {
  return body.kind === 'message' && onBusy === 'steer' ? 'steer' : body.kind
}

function sessionBusy(): RuntimeError {
  return new RuntimeError('session_busy', busyText, {
    details: { hint: 'Try again when the message that is being worked on is answered.', retryAfterMs: 5_000 },
  })
}
