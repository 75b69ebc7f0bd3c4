import { parseArgs } from 'node:util'
import { type KillPoint, killPoints } from './points.ts'
import { killsOfStory, type StoryReport, tellStory } from './story.ts'

/** `npm run test:crash -- --kills 1000 --seed 1`: a story for every few kills, each with its own seed, `--workers` of them at once.
 *  One story alone: `npm run test:crash -- --kills 9 --seed N`. */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
  },
})
const wanted = Number(values.kills)
const firstSeed = Number(values.seed)
const started = performance.now()
const kills = new Map<KillPoint, number>()
let sessions = 0
let modelCalls = 0
let planned = 0
let nextSeed = firstSeed
let failed = false

await Promise.all(Array.from({ length: Math.max(1, Number(values.workers)) }, work))
const made = [...kills.values()].reduce((sum, count) => sum + count, 0)
console.log(killPoints.map((point) => `${point} ${kills.get(point) ?? 0}`).join(' · '))
console.log(
  `${made} kills, ${sessions} sessions, ${modelCalls} model calls, ${Math.round((performance.now() - started) / 1000)} s, seed ${firstSeed}: ${failed ? 'FAILED' : 'nothing lost, nothing stuck, no invalid request'}`,
)
process.exitCode = failed ? 1 : 0

async function work(): Promise<void> {
  while (planned < wanted && !failed) {
    planned += killsOfStory
    add(await tellStory(nextSeed++))
  }
}

function add(report: StoryReport): void {
  for (const [point, count] of report.kills) kills.set(point, (kills.get(point) ?? 0) + count)
  sessions += report.sessions
  modelCalls += report.modelCalls
  if (report.faults.length === 0) return
  failed = true
  console.error(
    `${report.faults.join('\n\n')}\n\nAgain: npm run test:crash -- --kills ${killsOfStory} --seed ${report.seed}`,
  )
}
