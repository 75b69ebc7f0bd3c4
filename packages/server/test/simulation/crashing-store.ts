import type { Clock } from '../../src/application/ports/clock.ts'
import type { Committed, Transaction, UnitOfWork } from '../../src/application/ports/store.ts'
import { RuntimeError } from '../../src/domain/errors.ts'
import type { Random } from './random.ts'

/** Where in a unit of work the process may end. */
export type CrashPoint = 'before work' | 'during work' | 'before commit' | 'before durable' | 'before answer'

const points: readonly [CrashPoint, ...CrashPoint[]] = [
  'before work',
  'during work',
  'before commit',
  'before durable',
  'before answer',
]

export interface CrashingStoreDeps {
  readonly real: UnitOfWork
  readonly clock: Clock
  readonly random: Random
  readonly crashChance: () => number
  readonly busyChance: () => number
  readonly alive: () => boolean
  readonly crash: (point: CrashPoint) => void
  /** Called before anything else can write. */
  readonly committed: () => void
}

/** The store of one life of the process: slow now and then, and it may take the process with it at any point. */
export class CrashingStore implements UnitOfWork {
  readonly #deps: CrashingStoreDeps
  #last: Promise<void> = Promise.resolve()

  constructor(deps: CrashingStoreDeps) {
    this.#deps = deps
  }

  async transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const { value, durable } = await this.commit(work)
    await durable
    return value
  }

  async commit<T>(work: (tx: Transaction) => Promise<T>): Promise<Committed<T>> {
    const { random, crashChance, busyChance } = this.#deps
    const point = random.chance(crashChance()) ? random.pick(points) : undefined
    const busy = random.chance(busyChance())
    const committed = await this.#inTurn(async () => {
      if (point === 'before work') return await this.#crash(point)
      if (busy) throw new RuntimeError('storage_busy', 'The database is busy.')
      return await this.#unit(work, point)
    })
    const durable = this.#durable(committed.durable, point)
    durable.catch(() => {})
    return { value: committed.value, durable }
  }

  async read<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    const { reading } = await this.#inTurn(async () => ({ reading: this.#deps.real.read(work) }))
    return await this.#ifAlive(await reading)
  }

  async #unit<T>(work: (tx: Transaction) => Promise<T>, point: CrashPoint | undefined): Promise<Committed<T>> {
    const { real, random, committed } = this.#deps
    const done = await real.commit(async (tx) => {
      const value = await work(point === 'during work' ? this.#crashesAfter(tx, random.whole(1, 8)) : tx)
      return point === 'before commit' || point === 'during work' ? await this.#crash(point) : value
    })
    committed()
    return point === 'before durable' ? await this.#crash(point) : await this.#ifAlive(done)
  }

  async #durable(durable: Promise<void>, point: CrashPoint | undefined): Promise<void> {
    await durable
    if (point === 'before answer') await this.#crash(point)
    await this.#ifAlive(undefined)
  }

  /** Units begin in the order in which they were asked for, each after the commit before it. */
  async #inTurn<T>(unit: () => Promise<T>): Promise<T> {
    const { clock, random } = this.#deps
    const before = this.#last
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#last = promise
    await before
    if (random.chance(0.3)) await clock.sleep(random.next() * 5)
    await this.#ifAlive(undefined)
    try {
      return await unit()
    } finally {
      resolve()
    }
  }

  #crashesAfter(tx: Transaction, calls: number): Transaction {
    let left = calls
    const counted = (store: Record<string, unknown>) =>
      Object.fromEntries(
        Object.entries(store).map(([name, method]) => [
          name,
          async (...args: unknown[]) => {
            left -= 1
            if (left < 0) return await this.#crash('during work')
            return await (method as (...all: unknown[]) => unknown).apply(store, args)
          },
        ]),
      )
    return Object.fromEntries(
      Object.entries(tx).map(([name, store]) => [name, counted(store as Record<string, unknown>)]),
    ) as unknown as Transaction
  }

  async #crash(point: CrashPoint): Promise<never> {
    this.#deps.crash(point)
    return await never()
  }

  /** A process that ended hears nothing any more. */
  async #ifAlive<T>(value: T): Promise<T> {
    return this.#deps.alive() ? value : await never()
  }
}

function never(): Promise<never> {
  return new Promise(() => {})
}
