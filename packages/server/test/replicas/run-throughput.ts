import { parseArgs } from 'node:util'
import { measureThroughput } from './throughput.ts'

/** `npm run bench:replicas -- --seconds 10`: plain turns of eight tokens on 1, 2 and 3 replicas over one PostgreSQL. The machine should do nothing
 *  else meanwhile; the load and the model run on it too. */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    sessions: { type: 'string', default: '64' },
    replicas: { type: 'string', default: '1,2,3' },
  },
})

console.log(
  '| replicas | turns/s | failed | CPU of the servers per turn | CPU of PostgreSQL per turn | statements (of them settings) | round trips | commits | of them writing | events | bytes stored |',
)
console.log('|---|---|---|---|---|---|---|---|---|---|---|')
for (const replicas of values.replicas.split(',').map(Number)) {
  const found = await measureThroughput(replicas, Number(values.sessions), Number(values.seconds))
  const cells = [
    found.replicas,
    found.turnsPerSecond.toFixed(0),
    found.failed,
    `${found.serverCpuMs.toFixed(1)} ms`,
    `${found.databaseCpuMs.toFixed(1)} ms`,
    `${found.statements.toFixed(1)} (${found.settings.toFixed(1)})`,
    found.roundTrips.toFixed(1),
    found.commits.toFixed(1),
    found.writes.toFixed(1),
    found.rows.events.toFixed(1),
    Math.round(found.rows.bytes).toLocaleString('en'),
  ]
  console.log(`| ${cells.join(' | ')} |`)
}
