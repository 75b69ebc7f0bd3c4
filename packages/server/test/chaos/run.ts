import { parseArgs } from 'node:util'
import { type FaultKind, faultKinds } from './faults.ts'
import { rollOver } from './rolling.ts'
import { planOf, tellChaos } from './story.ts'

/** `npm run test:chaos -- --faults 500 --seed 1`: a story for every dozen faults, each with its own seed, `--workers` of them at once.
 *  `npm run test:chaos -- --rolling 100`: a rolling restart under so many live streams. */
const { values } = parseArgs({
  options: {
    faults: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' },
    rolling: { type: 'string' },
  },
})
const faultsOfStory = 12
/** A story ends at its first failure, the campaign at a few. */
const mostFailures = 3
const started = performance.now()
const made = new Map<FaultKind, number>()
const wanted = Number(values.faults)
const firstSeed = Number(values.seed)
const sum = { sessions: 0, modelCalls: 0, repeated: 0, fenced: 0 }
let planned = 0
let nextSeed = firstSeed
let failed = false
let failures = 0

if (values.rolling === undefined) await chaos()
else await rolling(Number(values.rolling))
process.exitCode = failed ? 1 : 0

async function chaos(): Promise<void> {
  await Promise.all(Array.from({ length: Math.max(1, Number(values.workers)) }, work))
  const total = [...made.values()].reduce((all, count) => all + count, 0)
  console.log(faultKinds.map((kind) => `${kind} ${made.get(kind) ?? 0}`).join(' · '))
  console.log(
    `${total} faults, ${sum.sessions} sessions, ${sum.modelCalls} model calls, ${sum.repeated} of them again for a step that was cut, ${sum.fenced} turns lost by a replica that came back, ${Math.round((performance.now() - started) / 1000)} s, seed ${firstSeed}: ${failed ? 'FAILED' : 'nothing lost, nothing stuck, no step asked for again after its end, no turns interleaved'}`,
  )
}

async function work(): Promise<void> {
  while (planned < wanted && failures < mostFailures) {
    const count = Math.min(faultsOfStory, wanted - planned)
    planned += count
    const seed = nextSeed++
    const report = await tellChaos(seed, planOf(seed, count)).catch((error) => {
      // The others must come to their end: what they have started goes with them.
      failed = true
      console.error(`seed ${seed}:`, error)
    })
    if (!report) return
    for (const [kind, times] of report.made) made.set(kind, (made.get(kind) ?? 0) + times)
    for (const key of ['sessions', 'modelCalls', 'repeated', 'fenced'] as const) sum[key] += report[key]
    console.error(`seed ${seed}: ${count} faults, ${Math.round((performance.now() - started) / 1000)} s so far`)
    if (report.faults.length === 0) continue
    failed = true
    failures++
    console.error(`${report.faults.join('\n\n')}\n\nAgain: npm run test:chaos -- --faults ${count} --seed ${seed}`)
  }
}

async function rolling(streams: number): Promise<void> {
  const { faults, ...figures } = await rollOver(streams)
  failed = faults.length > 0
  console.log(
    `three replicas restarted under ${streams} live streams in ${figures.seconds} s: ${figures.turns} turns, ${figures.again} model calls begun anew (one step at most ${figures.most} times), ${figures.resets} resets, readers came back ${figures.returns} times, clients sent ${figures.resent} times again: ${failed ? 'FAILED' : 'every answer whole, told, read and stored once'}`,
  )
  if (failed) console.error(faults.join('\n').slice(0, 20_000))
}
