import type { Row, Unit } from '../figures.ts'
import type { Script } from '../processes/script.ts'
import { repeat } from '../rounds.ts'
import { type MeasuredServer, startServer, withCpu } from '../subject.ts'
import { type Bench, type Scenario, turnsOn } from './scenario.ts'

const readFile: Script = { tokens: 8, perSecond: 0, call: { tool: 'read_file', arguments: '{"path":"src/app.ts"}' } }
const writeFile: Script = {
  tokens: 8,
  perSecond: 0,
  call: { tool: 'write_file', arguments: '{"path":"src/app.ts","content":"export const answer = 42\\n"}' },
}
const readers = 10

export const toolsAndReaders: Scenario = {
  id: 12,
  async run(bench) {
    await using server = await startServer(bench.upstream)
    const row = (what: string, unit: Unit, ours = Number.NaN): Row => {
      return { scenario: 12, what, unit, ours, goal: { kind: 'reported' } }
    }
    const tool = await callTurns(bench, server, readFile)
    const approval = await callTurns(bench, server, writeFile)
    const alone = await repeat(bench.rounds, () => answersBefore(bench, server, 0))
    const read = await repeat(bench.rounds, () => answersBefore(bench, server, readers))
    return [
      row('tool-call turn (call, result, answer), wall p50', 'ms', tool['wall']),
      row('tool-call turn, CPU', 'ms', tool['cpu']),
      row('approval turn (call, decision, call, result, answer), wall p50', 'ms', approval['wall']),
      row('approval turn, CPU', 'ms', approval['cpu']),
      row('answer of 100 tokens at 200/s, CPU', 'ms', alone['cpu']),
      row('the same with ten readers more, CPU', 'ms', read['cpu']),
    ]
  },
}

async function callTurns(bench: Bench, server: MeasuredServer, script: Script) {
  await bench.upstream.ask('play', script)
  const measure = async () => {
    const order = { atOnce: 1, seconds: bench.seconds, answersCalls: true }
    const [{ turns, wallMs }, cpu] = await withCpu(server, () => turnsOn(bench, server, order))
    return { wall: wallMs.p50, cpu: cpu / turns }
  }
  await measure()
  return await repeat(bench.rounds, measure)
}

/** Of one session, which some read along. */
async function answersBefore(bench: Bench, server: MeasuredServer, readers: number) {
  const name = 'read-along'
  await bench.upstream.ask('play', { tokens: 8, perSecond: 0 })
  await turnsOn(bench, server, { atOnce: 1, turns: 1, seconds: 60, name })
  const { url, headers } = server
  if (readers > 0) await bench.load.ask('follow', { url, headers, session: `${name}-0-0`, count: readers })
  await bench.upstream.ask('play', { tokens: 100, perSecond: 200 })
  const order = { atOnce: 1, seconds: bench.seconds, turnsPerSession: 10_000, name }
  const [{ turns }, cpu] = await withCpu(server, () => turnsOn(bench, server, order))
  const bytes = await bench.load.ask('unfollow', undefined)
  if (readers > 0 && bytes < readers * turns * 1000) throw new Error(`ten readers read ${bytes} bytes only`)
  return { cpu: cpu / turns }
}
