import { setTimeout as sleep } from 'node:timers/promises'
import { residentBytes } from '../cpu.ts'
import type { Row } from '../figures.ts'
import { insidePreload, lookInside } from '../inside.ts'
import { type MeasuredServer, startServer } from '../subject.ts'
import { createSession } from './requests.ts'
import { type Bench, type Scenario, turnsOn } from './scenario.ts'

/** How long nothing is done before memory is called idle. */
const idleMs = 5_000

/** Reachable memory, not what the allocator keeps: that would say more about the garbage of a moment than about a session. */
export const memory: Scenario = {
  id: 5,
  async run(bench) {
    const rows: Row[] = [{ scenario: 5, ...(await afterStart(bench)) }]
    await using server = await startServer(bench.upstream, { preload: insidePreload })
    await bench.upstream.ask('play', { tokens: 8, perSecond: 0 })
    await turnsOn(bench, server, { atOnce: 8, seconds: 60, turns: bench.smoke ? 10 : 500 })
    for (const row of [...(await perSession(bench, server)), await perStream(bench, server)]) {
      rows.push({ scenario: 5, ...row })
    }
    return rows
  },
}

type Found = Omit<Row, 'scenario'>

/** Without anything of ours inside. */
async function afterStart(bench: Bench): Promise<Found> {
  await using server = await startServer(bench.upstream)
  const rest = () => sleep(bench.smoke ? 100 : 2_000)
  await createSession(server)
  await rest()
  // The first start of an installation compiles what later ones find compiled.
  await server.process.restart()
  await createSession(server)
  await rest()
  const ours = residentBytes(server.pid) / 1e6
  return { what: 'resident after the start', unit: 'MB', ours, goal: { kind: 'at-most', value: 110 } }
}

async function perSession(bench: Bench, server: MeasuredServer): Promise<Found[]> {
  const sessions = bench.smoke ? 20 : 2_000
  const before = await lookInside(server)
  await turnsOn(bench, server, { atOnce: 8, seconds: 300, turns: sessions, turnsPerSession: 1 })
  const kept = async () => Math.max(0, (await lookInside(server)).heap - before.heap) / sessions / 1000
  const atOnce = await kept()
  await sleep(bench.smoke ? 100 : idleMs)
  const idle = await kept()
  return [
    { what: 'per session with one turn, at once', unit: 'KB', ours: atOnce, goal: { kind: 'at-most', value: 60 } },
    { what: 'the same after 5 s of rest', unit: 'KB', ours: idle, goal: { kind: 'at-most', value: 1 } },
  ]
}

async function perStream(bench: Bench, server: MeasuredServer): Promise<Found> {
  const streams = bench.smoke ? 5 : 400
  const perSecond = 10
  const seconds = bench.smoke ? 2 : 10
  await bench.upstream.ask('play', { tokens: perSecond * seconds, perSecond })
  const before = await lookInside(server)
  const talking = turnsOn(bench, server, { atOnce: streams, seconds: 60, turns: streams, rampMs: 2 })
  await sleep((seconds * 1000) / 2)
  const during = await lookInside(server)
  await talking
  const ours = (during.heap - before.heap) / streams / 1000
  return { what: 'per active stream', unit: 'KB', ours, goal: { kind: 'at-most', value: 150 } }
}
