import type { Row } from '../figures.ts'
import { compare, type Measured } from '../rounds.ts'
import { type Subject, startRelay, startServer, withCpu } from '../subject.ts'
import { type Bench, type Scenario, turnsOn, warmSeconds } from './scenario.ts'

const perSecond = 50
/** A stream is held when this many milliseconds are not exceeded by 99 of 100 tokens. */
const mostLagMs = 100
const ladder = [80, 160, 320, 480, 640, 800, 960, 1120, 1280, 1440, 1600]

export const manyStreams: Scenario = {
  id: 4,
  async run(bench) {
    await using relay = await startRelay(bench.upstream)
    await using server = await startServer(bench.upstream)
    const subjects = { relay, server }
    for (const subject of [relay, server])
      await stream({ ...bench, seconds: warmSeconds(bench) }, subject, bench.smoke ? 5 : 160)
    const rows: Row[] = []
    for (const streams of bench.smoke ? [5] : [80, 320, 640]) {
      const measured: readonly Measured[] = [
        {
          figure: 'tokens',
          what: `${streams} streams of 50 tokens/s`,
          unit: 'tokens/CPU-s',
          goal: { kind: 'at-least-relay', times: 0.85 },
        },
        { figure: 'lag', what: `${streams} streams, lag p99`, unit: 'ms', goal: { kind: 'reported' } },
      ]
      rows.push(...(await compare(4, bench.rounds, measured, (name) => stream(bench, subjects[name], streams))))
    }
    const steps = bench.smoke ? [2, 4] : ladder
    const what = 'streams held with a lag p99 below 100 ms'
    const goal = { kind: 'at-least-relay', times: 0.85 } as const
    const held = { relay: await hold(bench, relay, steps), ours: await hold(bench, server, steps) }
    return [...rows, { scenario: 4, what, unit: 'streams', goal, ...held }]
  },
}

async function stream(bench: Bench, subject: Subject, streams: number) {
  const tokens = Math.ceil(perSecond * bench.seconds)
  await bench.upstream.ask('play', { tokens, perSecond })
  const order = { atOnce: streams, turns: streams, seconds: 60, rampMs: 1000 / streams }
  const [{ turns, lagMs }, cpu] = await withCpu(subject, () => turnsOn(bench, subject, order))
  return { tokens: (turns * tokens * 1000) / Math.max(cpu, 1), lag: lagMs.p99 }
}

/** The last step that it holds; one that it does not is given a second chance. */
async function hold(bench: Bench, subject: Subject, steps: readonly number[]): Promise<number> {
  let held = 0
  for (const streams of steps) {
    const holds = async () => (await stream(bench, subject, streams)).lag < mostLagMs
    if (!(await holds()) && !(await holds())) return held
    held = streams
  }
  return held
}
