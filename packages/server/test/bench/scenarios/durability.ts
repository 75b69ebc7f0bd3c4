import { insidePreload, lookInside } from '../inside.ts'
import { compare, type Measured } from '../rounds.ts'
import { type MeasuredServer, startServer } from '../subject.ts'
import { type Bench, type Scenario, turnsOn } from './scenario.ts'

/** What the promise of `full` costs, against the server itself with `normal`. */
export const durability: Scenario = {
  id: 10,
  async run(bench) {
    await bench.upstream.ask('play', { tokens: 8, perSecond: 0 })
    const start = (CODELAB_DURABILITY: 'full' | 'normal') => {
      return startServer(bench.upstream, { preload: insidePreload, env: { CODELAB_DURABILITY } })
    }
    await using normal = await start('normal')
    await using full = await start('full')
    for (const server of [normal, full]) await busy(bench, server)
    const measured: readonly Measured[] = [
      {
        figure: 'turns',
        what: '64 sessions with `full`',
        unit: 'turns/s',
        against: '`normal`',
        goal: { kind: 'at-least-relay', times: 0.8 },
      },
      {
        figure: 'delay',
        what: 'event-loop delay p99 meanwhile',
        unit: 'ms',
        against: '`normal`',
        goal: { kind: 'at-most-relay', times: 1.5 },
      },
    ]
    return await compare(10, bench.rounds, measured, (name) => busy(bench, name === 'relay' ? normal : full))
  },
}

async function busy(bench: Bench, server: MeasuredServer) {
  await lookInside(server)
  const { turns, seconds } = await turnsOn(bench, server, { atOnce: bench.smoke ? 4 : 64, seconds: bench.seconds })
  return { turns: turns / seconds, delay: (await lookInside(server)).loopDelayP99Ms }
}
