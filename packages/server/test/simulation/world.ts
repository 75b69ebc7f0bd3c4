import { createAgents } from '../../src/application/agents.ts'
import { type Application, createApplication } from '../../src/application/index.ts'
import type { AgentCatalogue } from '../../src/application/ports/agent-source.ts'
import type { Log } from '../../src/application/ports/log.ts'
import { Channels } from '../../src/application/readers/channels.ts'
import { commandKnowledge } from '../../src/catalogue/commands.ts'
import { contractPolicy } from '../../src/catalogue/policy.ts'
import { tools } from '../../src/catalogue/tools/index.ts'
import { SharedSync } from '../../src/infrastructure/persistence/sqlite/shared-sync.ts'
import { Statements } from '../../src/infrastructure/persistence/sqlite/statements.ts'
import { SqliteUnitOfWork } from '../../src/infrastructure/persistence/sqlite/unit-of-work.ts'
import { uuidIds } from '../../src/infrastructure/uuid-ids.ts'
import { named, onlyModels } from '../fakes/only-model.ts'
import { Auditor } from './auditor.ts'
import { CrashingStore } from './crashing-store.ts'
import type { Disk } from './disk.ts'
import type { Plant } from './plants.ts'
import type { Random } from './random.ts'
import { SeededModel } from './seeded-model.ts'
import { Seen } from './seen.ts'
import { Witness } from './violation.ts'
import { type VirtualClock, VirtualTime } from './virtual-clock.ts'

export const owner = 'service'

/** The process ended while somebody waited for it. */
export class Died extends Error {}

/** One life of the process. */
interface Life {
  readonly number: number
  readonly application: Application
  readonly clock: VirtualClock
  readonly died: PromiseWithResolvers<never>
  alive: boolean
}

export interface WorldDeps {
  readonly random: Random
  readonly disk: Disk
  readonly catalogue: AgentCatalogue
  readonly plant?: Plant
}

const mostCrashes = 4

/** The server, its disk and its clients' sight of it. The process may end at any moment and is started again. */
export class World {
  readonly time = new VirtualTime()
  /** For all that lives outside the process. */
  readonly outside = this.time.clock()
  readonly witness = new Witness(() => this.time.now)
  readonly random: Random
  readonly seen: Seen
  readonly auditor: Auditor
  /** No faults any more. */
  calm = false
  crashes = 0
  readonly #deps: WorldDeps
  readonly #counter = { value: 0 }
  #ids = 0
  #life: Life | undefined
  #up = Promise.withResolvers<void>()
  #open = false
  #channels = new Set<Channels>()
  readonly #synced: boolean
  readonly #crashChance: number
  readonly #busyChance: number
  readonly #settings: Pick<Parameters<typeof createApplication>[0], 'hitl' | 'limits'>

  constructor(deps: WorldDeps) {
    const { random } = deps
    this.#deps = deps
    this.random = random
    this.#synced = random.chance(0.7)
    this.#crashChance = random.pick([0, 0.004, 0.02, 0.05])
    this.#busyChance = random.pick([0, 0, 0, 0.02])
    const approve = random.chance(0.8) ? 'run' : 'acknowledge'
    this.#settings = {
      hitl: { approve, strict: random.chance(0.2) },
      limits: {
        runMs: 60_000,
        turnSteps: random.pick([4, 50]),
        turnTokens: random.pick([100, 1_000_000]),
        queueLength: random.pick([1, 3, 8]),
        queueWaitMs: random.pick([5_000, 120_000]),
      },
    }
    const router = deps.catalogue.agents.find((agent) => agent.role === 'router')?.name ?? ''
    this.seen = new Seen(this.witness, approve === 'acknowledge')
    this.auditor = new Auditor(deps.disk.database, router, this.witness, () => this.time.now)
  }

  /** The living process, once it may be asked. */
  async process(): Promise<Life> {
    for (;;) {
      await this.#up.promise
      if (this.#life?.alive) return this.#life
    }
  }

  /** What a client hears of the process, as long as it lives. */
  async hear<T>(life: Life, answer: Promise<T>): Promise<T> {
    const value = await Promise.race([answer, life.died.promise])
    if (!life.alive) throw new Died()
    return value
  }

  /** The first start; like every other it may be cut short. */
  async boot(): Promise<void> {
    await this.start().catch((error) => {
      if (!(error instanceof Died)) throw error
    })
    await this.process()
  }

  async start(): Promise<void> {
    const life = this.#begin()
    await this.hear(life, life.application.recover())
    this.auditor.checkAll()
    this.auditor.checkQuiet('after the start', false)
    this.#open = true
    this.#up.resolve()
  }

  /** Ends the process here and now; it comes back by itself. */
  crash(why: string): void {
    const life = this.#life
    if (!life?.alive) return
    this.crashes += 1
    life.alive = false
    life.clock.stop()
    // Whoever waits for a start that fails goes on waiting for the next one.
    if (this.#open) this.#up = Promise.withResolvers()
    this.#open = false
    const power = this.#synced && this.random.chance(0.5)
    this.witness.note('crash', `${why}${power ? ', the power is gone' : ''}`)
    life.died.reject(new Died())
    this.#restart(power).catch((error) => {
      if (!(error instanceof Died)) this.witness.accuse('it starts again', String(error?.stack ?? error))
    })
  }

  /** Whether the store fails now and then: a row of an input whose request was refused may stay until the next input comes. */
  get storeFails(): boolean {
    return !this.calm && this.#busyChance > 0
  }

  /** Asked of a process that has nothing to do any more. */
  checkEmpty(): void {
    if (this.#life?.application.busy) this.witness.accuse('bounded maps are empty at the end', 'a run is active')
    for (const channels of this.#channels)
      if (channels.size > 0)
        this.witness.accuse('bounded maps are empty at the end', `${channels.size} channels are held`)
  }

  holdsChannels(channels: Channels): void {
    this.#channels.add(channels)
  }

  async #restart(power: boolean): Promise<void> {
    const { disk } = this.#deps
    await this.outside.sleep(this.random.whole(1, 500))
    if (power) disk.losePower()
    else disk.killProcess()
    this.auditor.restart(disk.database)
    this.auditor.checkAll()
    this.seen.check(disk.database)
    await this.start()
  }

  #begin(): Life {
    const clock = this.time.clock()
    const died = Promise.withResolvers<never>()
    died.promise.catch(() => {})
    const life: Life = {
      number: this.crashes,
      application: this.#assemble(clock, () => life.alive),
      clock,
      died,
      alive: true,
    }
    this.#life = life
    this.#channels = new Set()
    this.witness.note('start', `life ${life.number}`)
    return life
  }

  #assemble(clock: VirtualClock, alive: () => boolean): Application {
    const { random, witness } = this
    const model = new SeededModel({ clock, random, witness, calm: () => this.calm, counter: this.#counter })
    return createApplication({
      ...this.#settings,
      store: this.#store(clock, alive),
      models: onlyModels(named(model)),
      agents: createAgents(this.#deps.catalogue, 'multi'),
      tools,
      policy: contractPolicy,
      commands: commandKnowledge,
      clock,
      ids: { ...uuidIds, session: () => this.#id(4), next: () => this.#id(7) },
      log: this.#log(alive),
    })
  }

  #store(clock: VirtualClock, alive: () => boolean): CrashingStore {
    const { disk, plant = (real) => real } = this.#deps
    const onFatal = (error: unknown) => this.witness.accuse('the store works', String(error))
    const sync = this.#synced ? new SharedSync({ sync: () => this.#sync(clock), onFailure: onFatal }) : undefined
    const real = new SqliteUnitOfWork({ statements: new Statements(disk.database), sync, clock, onFatal })
    return new CrashingStore({
      real: plant(real),
      clock,
      random: this.random,
      crashChance: () => (this.calm || this.crashes >= mostCrashes ? 0 : this.#crashChance),
      busyChance: () => (this.calm || !this.#open ? 0 : this.#busyChance),
      alive,
      crash: (point) => this.crash(point),
      committed: () => this.auditor.advance(),
    })
  }

  async #sync(clock: VirtualClock): Promise<void> {
    const { disk } = this.#deps
    const written = disk.written
    await clock.sleep(this.random.chance(0.1) ? this.random.whole(50, 800) : this.random.next() * 8)
    disk.synced(written)
  }

  /** Nothing that happens here is a fault of the server, unless the store was busy. */
  #log(alive: () => boolean): Log {
    const note = (level: string) => (message: string, facts?: Readonly<Record<string, unknown>>) => {
      if (!alive()) return
      const error = facts?.['error'] ?? facts?.['cause']
      this.witness.note(level, `${message} ${error instanceof Error ? error.stack : JSON.stringify(facts ?? {})}`)
      if (level === 'error' && this.#busyChance === 0)
        this.witness.accuse('the server has no fault', `${message} ${String(error)}`)
    }
    return { debug: () => {}, info: note('info'), warn: note('warn'), error: note('error') }
  }

  #id(version: number): string {
    this.#ids += 1
    return `00000000-0000-${version}000-8000-${this.#ids.toString(16).padStart(12, '0')}`
  }
}

/** Tells a world which channels its application holds, until it is disposed of. */
export function watchChannels(world: World): Disposable {
  const hold = Channels.prototype.hold
  Channels.prototype.hold = function watched(this: Channels, sid: string) {
    world.holdsChannels(this)
    return hold.call(this, sid)
  }
  return {
    [Symbol.dispose]: () => {
      Channels.prototype.hold = hold
    },
  }
}
