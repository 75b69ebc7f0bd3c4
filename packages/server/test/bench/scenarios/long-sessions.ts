import type { Row } from '../figures.ts'
import { compare } from '../rounds.ts'
import { type Subject, startRelay, startServer, withCpu } from '../subject.ts'
import { type Bench, type Scenario, turnsOn, warmSeconds } from './scenario.ts'

/** So many sessions at that turn, and so many turns of each that are measured: about a hundred and fifty in all. */
const places = [
  { turn: 5, sessions: 40, measured: 4 },
  { turn: 50, sessions: 15, measured: 10 },
  { turn: 500, sessions: 4, measured: 30 },
]

/** Nothing remembers a conversation for the relay: who talks to it sends all of it. */
export const longSessions: Scenario = {
  id: 6,
  async run(bench) {
    await bench.upstream.ask('play', { tokens: 8, perSecond: 0 })
    await using relay = await startRelay(bench.upstream)
    await using server = await startServer(bench.upstream)
    for (const subject of [relay, server]) await turnsOn(bench, subject, { atOnce: 1, seconds: warmSeconds(bench) })
    const rows: Row[] = []
    for (const place of bench.smoke ? places.slice(0, 1) : places) {
      const what = `turn ${place.turn} of a session, CPU`
      const goal = { kind: 'at-most-relay', times: 1.8 } as const
      rows.push(
        ...(await compare(6, bench.rounds, [{ figure: 'cpu', what, unit: 'ms', goal }], async (name) => {
          return { cpu: await cpuAt(bench, name === 'relay' ? relay : server, place) }
        })),
      )
    }
    const [early, late] = [rows[0]?.ours, rows.at(-1)?.ours]
    if (rows.length === places.length && early !== undefined && late !== undefined) {
      const goal = { kind: 'at-most-relay', times: 4 } as const
      rows.push({
        scenario: 6,
        what: 'turn 500 against turn 5',
        unit: 'ms',
        ours: late,
        relay: early,
        against: 'turn 5',
        goal,
      })
    }
    return rows
  },
}

let sets = 0

async function cpuAt(bench: Bench, subject: Subject, place: (typeof places)[number]): Promise<number> {
  const name = `turn-${place.turn}-${++sets}`
  const common = { atOnce: place.sessions, seconds: 600, turnsPerSession: 10_000, name }
  const before = place.turn - Math.ceil(place.measured / 2)
  if (subject.name === 'server') await turnsOn(bench, subject, { ...common, turns: before * place.sessions })
  const order = {
    ...common,
    // CPU time is told in hundredths of a second, and the relay needs few of them.
    turns: place.measured * place.sessions * (subject.name === 'relay' && !bench.smoke ? 5 : 1),
    historyOf: subject.name === 'relay' ? 2 * place.turn - 2 : 0,
  }
  const [{ turns }, cpu] = await withCpu(subject, () => turnsOn(bench, subject, order))
  return cpu / turns
}
