import type { AgentCatalogue } from '../../src/application/ports/agent-source.ts'
import type { DiskPlace } from './disk.ts'
import { FirstEvents } from './first-events.ts'
import type { Plant } from './plants.ts'
import { Random } from './random.ts'
import { RandomClient } from './random-client.ts'
import { Violation } from './violation.ts'
import { World, watchChannels } from './world.ts'

export interface SimulateOptions {
  readonly seed: number
  readonly place: DiskPlace
  readonly catalogue: AgentCatalogue
  readonly plant?: Plant
}

export interface Outcome {
  readonly crashes: number
  /** Events in the log at the end. */
  readonly events: number
  /** Virtual milliseconds. */
  readonly time: number
}

/** A seed whose simulation broke a promise; the message has all that is needed to look into it. */
export class SeedFailed extends Error {
  override readonly name = 'SeedFailed'
  readonly seed: number
  readonly promise: string

  constructor(seed: number, cause: Violation, lastEvents: string) {
    super(
      `Seed ${seed} breaks a promise. ${cause.message}\n\nLast events (virtual milliseconds):\n${lastEvents}\n\n` +
        `Replay: SIM_SEED=${seed} npx vitest run packages/server/test/simulation\n`,
    )
    this.seed = seed
    this.promise = cause.promise
  }
}

const mostTurnsOfTheLoop = 50_000

/** Lives through one seed. Throws `SeedFailed`. */
export async function simulate(options: SimulateOptions): Promise<Outcome> {
  const { seed, place, catalogue, plant } = options
  const random = new Random(seed)
  using disk = place.disk()
  const world = new World({ random, disk, catalogue, ...(plant ? { plant } : {}) })
  using _watch = watchChannels(world)
  const unheard = (error: unknown) =>
    world.witness.accuse('no failure is unheard', String(error instanceof Error ? error.stack : error))
  process.on('unhandledRejection', unheard)
  try {
    await liveThrough(world)
    const count = disk.database.prepare('select count(*) as events from events').get() as { events: number }
    return { crashes: world.crashes, events: count.events, time: world.time.now }
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    throw new SeedFailed(seed, error, world.witness.last(Number(process.env['SIM_LINES'] ?? 40)))
  } finally {
    process.off('unhandledRejection', unheard)
  }
}

async function liveThrough(world: World): Promise<void> {
  const { random } = world
  const order = new FirstEvents(world.witness)
  const sessions: [string, ...string[]] = ['s1', ...['s2', 's3'].slice(0, random.whole(0, 2))]
  const count = random.whole(1, 4)
  const clients = Array.from(
    { length: count },
    (_, index) =>
      new RandomClient({
        name: `c${index + 1}`,
        world,
        order,
        sessions,
        operations: Math.ceil(random.whole(6, 18) / count),
      }),
  )
  await pump(world, world.boot())
  if (random.chance(0.5)) void world.outside.sleep(random.whole(1, 6_000)).then(() => world.crash('at some moment'))
  await pump(world, Promise.all(clients.map((client) => client.work())))
  await settle(world, () => order.unfinished === 0)
  if (random.chance(0.5)) world.crash('at the end')
  await pump(world, world.process())
  world.calm = true
  for (const session of sessions) await pump(world, (clients[0] as RandomClient).insist(session))
  await settle(world, () => true)
}

/** Lets everything that is due happen; then nothing may be left. */
async function settle(world: World, done: () => boolean): Promise<void> {
  for (let turns = 0; await turn(world); turns++)
    if (turns > mostTurnsOfTheLoop) world.witness.accuse('nothing waits for ever', 'it never ends')
  await pump(world, world.process())
  if (!done()) world.witness.accuse('nothing waits for ever', 'a request has no answer')
  world.auditor.checkAll()
  world.auditor.checkQuiet('when all is done', world.storeFails)
  world.checkEmpty()
  if (world.witness.violation) throw world.witness.violation
}

async function pump(world: World, work: Promise<unknown>): Promise<void> {
  let settled = false
  work.then(
    () => {
      settled = true
    },
    (error) => {
      settled = true
      world.witness.accuse('the simulation itself works', String(error?.stack ?? error))
    },
  )
  for (let turns = 0; ; turns++) {
    const moved = await turn(world)
    if (settled) break
    if (!moved) world.witness.accuse('nothing waits for ever', 'somebody waits and nothing is due')
    if (turns > mostTurnsOfTheLoop) world.witness.accuse('nothing waits for ever', 'it never ends')
  }
  if (world.witness.violation) throw world.witness.violation
}

/** Everything that can happen now happens; then time goes on to what is due first. */
async function turn(world: World): Promise<boolean> {
  await new Promise((resolve) => setImmediate(resolve))
  if (world.witness.violation) throw world.witness.violation
  if (!world.storeFails) world.auditor.checkWaiting()
  return world.time.advance()
}
