import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { runBench } from './bench.ts'
import { keepResults } from './results.ts'
import { scenarios } from './scenarios/index.ts'
import { ceilingsText, tableHead, tableRow } from './table.ts'

/** `npm run bench -- --only 1,2 --seconds 3 --rounds 1`: see docs/performance.md. The machine should do nothing else meanwhile. */
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
  },
})
const only = values.only?.split(',').map(Number) ?? scenarios.map(({ id }) => id)

const [loadBefore = 0] = loadavg()
if (loadBefore > 0.5) console.log(`Something else is at work (load average ${loadBefore.toFixed(1)}): provisional.\n`)
console.log(tableHead)
const results = await runBench({
  only,
  seconds: Number(values.seconds),
  rounds: Number(values.rounds),
  smoke: false,
  onRows: (rows) => console.log(rows.map(tableRow).join('\n')),
})
console.log(`\n${ceilingsText(results.ceilings)}`)
keepResults({ ...results, loadBefore })
console.log('`npm run bench:report` writes docs/performance.md.')
