import { parseArgs } from 'node:util'
import { races } from './races.ts'
import { RaceStage } from './stage.ts'

/** `npm run test:races -- --rounds 100`: every race so often, on one server. */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '100' }, seed: { type: 'string', default: '1' } },
})
const rounds = Number(values.rounds)
await using stage = await RaceStage.open(Number(values.seed))
for (const [name, race] of Object.entries(races)) {
  let failed = 0
  for (let round = 1; round <= rounds; round++) {
    const faults = await race(stage)
    if (faults.length === 0) continue
    failed++
    console.error(`${name}, round ${round}:\n  ${faults.join('\n  ')}`)
  }
  console.log(`${name}: ${rounds} rounds, ${failed} failed`)
  if (failed > 0) process.exitCode = 1
}
