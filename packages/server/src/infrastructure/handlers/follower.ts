import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../application/ports/clock.ts'
import type { LoggedEvent } from '../../application/ports/handlers.ts'
import type { Log } from '../../application/ports/log.ts'
import type { Transaction, UnitOfWork } from '../../application/ports/store.ts'
import { RuntimeError } from '../../domain/errors.ts'
import type { EventHandler } from './event-handler.ts'

const mostAttempts = 5
const batchSize = 200
/** Commits come in swarms: what they wake waits so long, and takes all of them at once. */
const gatherMs = 200
/** For what nobody was woken for. */
const pollMs = 5_000
const firstBackOffMs = 200
const longestBackOffMs = 10_000
const longestText = 500

export interface FollowerDeps {
  readonly store: UnitOfWork
  readonly clock: Clock
  readonly log: Log
}

/** What a handler threw, to be told from a store that is away. */
class HandlerFailure extends Error {
  readonly error: RuntimeError

  constructor(cause: unknown) {
    super('A handler failed', { cause })
    this.error = RuntimeError.from(cause)
  }
}

/** One handler on its way along the log, by a cursor that is stored. Others do not wait for it, and nobody waits for them. */
export class Follower {
  readonly handler: EventHandler
  readonly #deps: FollowerDeps
  readonly #stop = new AbortController()
  #alarm = new AbortController()
  #gathering = false
  #next: PromiseWithResolvers<void> | undefined
  #working: Promise<void> | undefined
  /** Events of a batch that failed, still to be taken one by one. */
  #singles = 0
  #attempts = 0

  constructor(handler: EventHandler, deps: FollowerDeps) {
    this.handler = handler
    this.#deps = deps
  }

  start(): void {
    this.#working ??= this.#work()
  }

  /** Something was committed. */
  wake(): void {
    if (this.#gathering) return
    this.#gathering = true
    void this.#deps.clock.sleep(gatherMs, this.#stop.signal).then(() => {
      this.#gathering = false
      this.#alarm.abort()
    })
  }

  /** Resolves when a pass that begins after this call has ended. */
  caughtUp(): Promise<void> {
    this.#next ??= Promise.withResolvers<void>()
    this.#alarm.abort()
    return this.#next.promise
  }

  /** Resolves when nothing of it works any more; what it has not handled it will after the next start. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#alarm.abort()
    await this.#working
    this.#next?.resolve()
  }

  async #work(): Promise<void> {
    let storeFailures = 0
    while (!this.#stop.signal.aborted) {
      this.#alarm = new AbortController()
      const asked = this.#next
      this.#next = undefined
      try {
        await this.#pass()
        storeFailures = 0
      } catch (error) {
        // A store that is away is no fault of an event: it costs none of its attempts.
        storeFailures += 1
        this.#deps.log.warn('an event handler waits for the store', { handler: this.handler.name, error })
        await this.#deps.clock.sleep(backOff(storeFailures), this.#stop.signal)
      }
      asked?.resolve()
      if (!this.#stop.signal.aborted) await this.#deps.clock.sleep(pollMs, this.#alarm.signal)
    }
  }

  /** To the end of the log. */
  async #pass(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      if (await this.#advance()) return
      await setImmediate()
    }
  }

  /** One batch, or one event after a batch that failed. True: that was the end of the log. */
  async #advance(): Promise<boolean> {
    const limit = this.#singles > 0 ? 1 : batchSize
    try {
      const { value: count } = await this.#deps.store.commit((tx) => this.#take(tx, limit))
      this.#attempts = 0
      this.#singles = Math.max(0, this.#singles - 1)
      if (count === 0) this.#singles = 0
      return count < limit
    } catch (thrown) {
      if (!(thrown instanceof HandlerFailure)) throw thrown
      await this.#failed(thrown.error, limit)
      return false
    }
  }

  /** The handler's own writes and its cursor, in one transaction. */
  async #take(tx: Transaction, limit: number): Promise<number> {
    const { name, types } = this.handler
    const events = await tx.handlers.readAfter(await tx.handlers.take(name), limit)
    const last = events.at(-1)
    if (!last) return 0
    const wanted = events.filter(({ event }) => types.has(event.type))
    if (wanted.length > 0) await handleWith(this.handler, tx, wanted)
    await tx.handlers.advance(name, { to: last.position, handled: wanted.length, failed: 0 })
    return events.length
  }

  async #failed(error: RuntimeError, limit: number): Promise<void> {
    if (limit > 1) {
      this.#singles = batchSize
      return
    }
    this.#attempts += 1
    const { name: handler } = this.handler
    if (this.#attempts < mostAttempts) {
      this.#deps.log.warn('an event handler failed, the event comes again', { handler, attempt: this.#attempts, error })
      await this.#deps.clock.sleep(backOff(this.#attempts), this.#stop.signal)
      return
    }
    await this.#deps.store.transact((tx) => this.#bury(tx, error))
    this.#attempts = 0
    this.#singles -= 1
  }

  async #bury(tx: Transaction, error: RuntimeError): Promise<void> {
    const { name: handler } = this.handler
    const [next] = await tx.handlers.readAfter(await tx.handlers.take(handler), 1)
    if (!next) return
    const { position, event } = next
    await tx.handlers.bury({
      handler,
      position,
      sid: event.sid,
      seq: event.seq,
      type: event.type,
      at: this.#deps.clock.now(),
      attempts: this.#attempts,
      ...failureOf(error),
    })
    await tx.handlers.advance(handler, { to: position, handled: 0, failed: 1 })
    this.#deps.log.error('an event went to the dead letters', { handler, position, sid: event.sid, error })
  }
}

/** Throws HandlerFailure, unless the store is what failed. */
export async function handleWith(
  handler: EventHandler,
  tx: Transaction,
  events: readonly LoggedEvent[],
): Promise<void> {
  try {
    await handler.handle(tx, events)
  } catch (thrown) {
    if (thrown instanceof RuntimeError && thrown.code.startsWith('storage_')) throw thrown
    throw new HandlerFailure(thrown)
  }
}

/** What a dead letter says of the failure. An unknown one tells its own message: it goes to whoever operates the server. */
export function failureOf(thrown: unknown): { readonly code: string; readonly text: string } {
  const error = thrown instanceof HandlerFailure ? thrown.error : RuntimeError.from(thrown)
  const cause = error.code === 'internal' && error.cause instanceof Error ? error.cause.message : error.message
  return { code: error.code, text: cause.slice(0, longestText) }
}

/** Own lines: a policy of a library has a clock of its own, and no end with ours. */
function backOff(failures: number): number {
  return Math.min(longestBackOffMs, firstBackOffMs * 2 ** (failures - 1))
}
