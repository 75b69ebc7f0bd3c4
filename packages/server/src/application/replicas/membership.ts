import type { Clock } from '../ports/clock.ts'
import type { Ids } from '../ports/ids.ts'
import type { Log } from '../ports/log.ts'
import type { UnitOfWork } from '../ports/store.ts'
import type { Lease } from './lease.ts'

export interface MembershipDeps {
  /** Signs of life go by it. */
  readonly store: UnitOfWork
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  /** Where this process hears of others. */
  readonly listener: string
  /** How long a replica may be silent before others take what it owns, in milliseconds; left out: there are no others. */
  readonly silentMs?: number
  /** After a sign of life, with `lost` when the others gave this one up before. It may take its time: signs of life do not wait for it. */
  readonly onBeat: (lost: boolean) => Promise<void>
  /** It may not act any more for what it owns. */
  readonly onLost: () => void
}

/** Signs of life in the time after which a replica is given up. */
const beatsPerSilence = 5

/** This process as one of the replicas: it says again and again that it is alive, and stops by itself before others may take it for dead. */
export class Membership implements Lease {
  id: string
  readonly #deps: MembershipDeps
  readonly #stop = new AbortController()
  #lastBeat: number
  #loop: Promise<void> = Promise.resolve()
  #working: Promise<void> | undefined
  #wasLost = false
  #beating: Promise<void> | undefined

  constructor(deps: MembershipDeps) {
    this.#deps = deps
    this.id = deps.ids.next()
    this.#lastBeat = deps.clock.monotonic()
  }

  /** By its own clock, counted from before the sign was sent; a beat earlier than the others count. */
  get held(): boolean {
    const { silentMs, clock } = this.#deps
    if (silentMs === undefined) return true
    return clock.monotonic() - this.#lastBeat < silentMs - silentMs / beatsPerSilence
  }

  /** Enters the replicas; where there can be no others, what is known of any is of processes that have ended. */
  async enter(): Promise<void> {
    const { store, clock, listener, silentMs } = this.#deps
    const asked = clock.monotonic()
    await store.transact(async (tx) => {
      if (silentMs === undefined) await tx.replicas.clear()
      await tx.replicas.enter(this.id, listener)
    })
    this.#lastBeat = asked
  }

  /** Gives signs of life from now on. */
  start(): void {
    const { silentMs } = this.#deps
    if (silentMs !== undefined) this.#loop = this.#run(silentMs)
  }

  /** Leaves, when nothing is owned any more. */
  async leave(): Promise<void> {
    this.#stop.abort()
    await this.#loop
    await this.#working
    if (this.#deps.silentMs !== undefined) await this.#deps.store.transact((tx) => tx.replicas.leave(this.id))
  }

  async #run(silentMs: number): Promise<void> {
    const { clock, log, onLost } = this.#deps
    while (!this.#stop.signal.aborted) {
      await clock.sleep(silentMs / beatsPerSilence, this.#stop.signal)
      if (this.#stop.signal.aborted) return
      if (!this.held) onLost()
      try {
        await this.renew()
        this.#work()
      } catch (error) {
        log.warn('no sign of life could be given to the other replicas', { error })
      }
    }
  }

  /** What is to be done after a sign of life, unless that of the last one still goes on: what waits for the store must not make this
   *  replica seem dead. */
  #work(): void {
    const { log, onBeat } = this.#deps
    const lost = this.#wasLost
    if (this.#working) return
    this.#wasLost = false
    this.#working = onBeat(lost)
      .catch((error) => log.warn('what other replicas did was not looked at', { error }))
      .finally(() => {
        this.#working = undefined
      })
  }

  async renew(): Promise<void> {
    const { silentMs } = this.#deps
    if (silentMs === undefined) return
    this.#beating ??= this.#beat(silentMs).finally(() => {
      this.#beating = undefined
    })
    await this.#beating
  }

  /** Where the others had given it up, it goes on as a new one. */
  async #beat(silentMs: number): Promise<void> {
    const { store, clock, ids, log, onLost } = this.#deps
    const asked = clock.monotonic()
    if (await store.transact((tx) => tx.replicas.beat(this.id, silentMs))) {
      this.#lastBeat = asked
      return
    }
    log.warn('this replica was silent for too long: others have its sessions', { replica: this.id })
    onLost()
    this.id = ids.next()
    await this.enter()
    this.#wasLost = true
  }
}
