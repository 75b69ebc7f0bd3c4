import { RuntimeError } from '../../domain/errors.ts'
import type { SessionEvent } from '../../domain/event.ts'
import type { Session } from '../../domain/session.ts'
import { startDeadline } from '../deadline.ts'
import type { Log } from '../ports/log.ts'
import type { Transaction, UnitOfWork } from '../ports/store.ts'
import type { Channels } from '../readers/channels.ts'
import type { InputBody, SubmitInput, Taken } from './input.ts'
import { checkInput, takeInput } from './take.ts'
import type { TakeDeps } from './take-deps.ts'

export interface SubmitDeps extends TakeDeps {
  readonly store: UnitOfWork
  readonly channels: Channels
  readonly log: Log
  readonly limits: { readonly queueLength: number; readonly queueWaitMs: number }
  /** Starts the work of a run that goes on. `durable` resolves when what it answers may be shown. */
  startRun(taken: Taken, durable: Promise<void>): void
}

/** What came of an input: taken at once, or in line behind the one that runs. */
export type Submitted =
  | { readonly state: 'taken'; readonly taken: Taken }
  | { readonly state: 'queued'; readonly position: number; readonly taken: Promise<Taken> }

const busyText = 'The session is busy. Wait for the answer that is being worked on, then send this again'

/** The request that an input in line belongs to. */
interface Waiter {
  readonly input: SubmitInput
  readonly taken: PromiseWithResolvers<Taken>
}

/** The session's one writer (DESIGN promise 2): inputs of a session are taken in order, one run at a time. */
export interface Inputs {
  /** Stores what arrived. An idle session takes it in the same transaction; behind a run it waits, first in first out. Throws what refuses
   *  the input; nothing is stored then. `signal` firing while it waits drops it: it was not acknowledged. */
  submit(input: SubmitInput, signal: AbortSignal): Promise<Submitted>
  /** Takes the next waiting input of a session that has become free. */
  advance(sid: string): Promise<void>
}

export function createInputs(deps: SubmitDeps): Inputs {
  const waiters = new Map<string, Waiter>()

  async function submit(input: SubmitInput, signal: AbortSignal): Promise<Submitted> {
    const inputId = deps.ids.next()
    // Known before the row is: the run ahead may end, and take the next input, as soon as the row is there.
    const waiter: Waiter = { input, taken: Promise.withResolvers() }
    waiters.set(inputId, waiter)
    let queued = false
    try {
      const { value, durable } = await deps.store.commit(async (tx) => {
        const session = await tx.sessions.find(input.ownerId, input.sessionId)
        await checkInput(tx, deps, input, session)
        const ahead = session ? await inputsAhead(tx, session) : 0
        if (session && ahead > 0) return await queue(tx, session, inputId, input, ahead)
        return { state: 'taken' as const, ...(await takeInput(tx, deps, input, session)) }
      })
      if (value.state === 'queued') {
        queued = true
        const taken = wait(value.sid, inputId, waiter, signal)
        // Whoever follows the input hears of a refusal; until then it must not count as unheard.
        taken.catch(() => undefined)
        await durable
        deps.channels.publish(value.sid, value.events)
        return { state: 'queued', position: value.position, taken }
      }
      begin(value.taken, value.events, durable)
      await durable
      return { state: 'taken', taken: value.taken }
    } finally {
      if (!queued) waiters.delete(inputId)
    }
  }

  /** How many inputs come before one that arrives now, the running one included. */
  async function inputsAhead(tx: Transaction, session: Session): Promise<number> {
    const waiting = await tx.inputs.countWaiting(session.sid)
    return waiting + (session.state === 'running' || waiting > 0 ? 1 : 0)
  }

  async function queue(tx: Transaction, session: Session, id: string, input: SubmitInput, position: number) {
    if (position > deps.limits.queueLength) {
      throw new RuntimeError('session_busy', busyText, {
        details: {
          hint: `${deps.limits.queueLength} inputs wait already. Try again when some are answered.`,
          retryAfterMs: 5_000,
        },
      })
    }
    const { kind } = input.body
    await tx.inputs.add({
      id,
      sid: session.sid,
      kind,
      state: 'waiting',
      bodyJson: JSON.stringify(input),
      createdAt: deps.clock.now(),
    })
    const events = await tx.log.append(session.sid, deps.clock.now(), [
      { type: 'input.queued', facts: { inputId: id, kind } },
    ])
    return { state: 'queued' as const, sid: session.sid, position, events }
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
    const giveUp = () => {
      const reason = signal.aborted ? 'the client left' : 'waited too long'
      drop(sid, inputId, waiter.input.body.kind, reason).catch((error) => deps.log.error('drop failed', { error }))
    }
    if (ended.aborted) giveUp()
    ended.addEventListener('abort', giveUp, { once: true })
    const stopClock = startDeadline(deps.clock, deps.limits.queueWaitMs, () => timeout.abort())
    // It may have become free between the commit and now.
    advance(sid).catch((error) => deps.log.error('advance failed', { error }))
    return waiter.taken.promise.finally(() => {
      stopClock()
      ended.removeEventListener('abort', giveUp)
      waiters.delete(inputId)
    })
  }

  async function drop(sid: string, inputId: string, kind: InputBody['kind'], reason: string): Promise<void> {
    const events = await deps.store.transact(async (tx) => {
      if (!(await tx.inputs.settle(inputId, 'dropped'))) return []
      return await tx.log.append(sid, deps.clock.now(), [{ type: 'input.dropped', facts: { inputId, kind, reason } }])
    })
    if (events.length === 0) return
    deps.channels.publish(sid, events)
    waiters.get(inputId)?.taken.reject(
      new RuntimeError('session_busy', busyText, {
        details: {
          hint: 'Another message is still being worked on. Try again when it is answered.',
          retryAfterMs: 5_000,
        },
      }),
    )
  }

  async function advance(sid: string): Promise<void> {
    while (await takeNext(sid));
  }

  /** Takes the first waiting input, or drops it when it can be taken no more. False: nothing waits, or the session is taken. */
  async function takeNext(sid: string): Promise<boolean> {
    const next = await deps.store.read((tx) => tx.inputs.firstWaiting(sid))
    if (!next) return false
    const waiter = waiters.get(next.id)
    if (!waiter) {
      await drop(sid, next.id, next.kind, 'nobody waits for it')
      return true
    }
    try {
      const { value, durable } = await deps.store.commit(async (tx) => {
        const session = await tx.sessions.get(sid)
        if (!session || session.deleted) throw new RuntimeError('session_deleted', 'The session was deleted')
        if (session.state === 'running' || !(await tx.inputs.settle(next.id, 'taken'))) return undefined
        await checkInput(tx, deps, waiter.input, session)
        return await takeInput(tx, deps, waiter.input, session)
      })
      if (!value) return false
      begin(value.taken, value.events, durable)
      await durable
      waiter.taken.resolve(value.taken)
      return !value.taken.goesOn
    } catch (error) {
      waiter.taken.reject(error)
      await drop(sid, next.id, next.kind, RuntimeError.from(error).code)
      return true
    }
  }

  return { submit, advance }
}
