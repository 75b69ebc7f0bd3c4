import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { AgentCatalogue } from '../../src/application/ports/agent-source.ts'
import { tools } from '../../src/catalogue/tools/index.ts'
import { createMarkdownAgents } from '../../src/infrastructure/agents/markdown-agents.ts'
import { DiskPlace } from './disk.ts'
import { droppedResult, forgetfulQueue, type Plant, secondWriter, shownBeforeDurable } from './plants.ts'
import { type Outcome, SeedFailed, simulate } from './simulate.ts'

const seeds = Number(process.env['SIM_SEEDS'] ?? 1_000)
const only = process.env['SIM_SEED']
const first = Number(only ?? process.env['SIM_FIRST'] ?? 1)

let place: DiskPlace
let catalogue: AgentCatalogue

beforeAll(async () => {
  place = await DiskPlace.make()
  catalogue = await createMarkdownAgents({ knownTools: tools.map((tool) => tool.name) }).load()
})

afterAll(() => place[Symbol.dispose]())

describe('a simulated server', () => {
  it('keeps every promise, whatever the seed', { timeout: 600_000 }, async () => {
    const sum = { crashes: 0, events: 0, time: 0 }
    const count = only === undefined ? seeds : 1
    for (let seed = first; seed < first + count; seed++) {
      const { crashes, events, time } = await simulate({ seed, place, catalogue })
      sum.crashes += crashes
      sum.events += events
      sum.time += time
    }
    // Otherwise it would have looked at nothing.
    expect(sum.events).toBeGreaterThan(count)
    if (only === undefined && seeds >= 100) expect(sum.crashes).toBeGreaterThan(seeds / 2)
    console.log(
      `${count} seeds: ${sum.crashes} crashes, ${sum.events} events, ${Math.round(sum.time / 1000)} s of virtual time`,
    )
  })

  it('does the same again for the same seed', async () => {
    const outcomes: Outcome[] = []
    for (let round = 0; round < 3; round++) outcomes.push(await simulate({ seed: 7, place, catalogue }))
    expect(outcomes[1]).toEqual(outcomes[0])
    expect(outcomes[2]).toEqual(outcomes[0])
  })
})

describe('a simulated server with a fault in it', () => {
  const plants: readonly (readonly [string, Plant, RegExp])[] = [
    ['shows what is not durable', shownBeforeDurable, /seen is stored/],
    ['forgets a call when a message comes', droppedResult, /exactly one result|strict provider|no fault|events equals/],
    ['overlooks whoever waits in line', forgetfulQueue, /waits for ever/],
    ['lets two runs into a session', secondWriter, /one run at a time|strict provider/],
  ]
  it.each(plants)('that %s is found within 200 seeds', async (_, plant, promise) => {
    await expect(firstFailure(plant)).resolves.toMatch(promise)
  })
})

async function firstFailure(plant: Plant): Promise<string> {
  for (let seed = 1; seed <= 200; seed++) {
    try {
      await simulate({ seed, place, catalogue, plant })
    } catch (error) {
      if (error instanceof SeedFailed) return error.promise
      throw error
    }
  }
  return 'nothing was found'
}
