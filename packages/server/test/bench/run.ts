import { parseArgs } from 'node:util'
import { runBench } from './bench.ts'
import { busyShare, mostBusy } from './cpu.ts'
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

const busyBefore = await busyShare()
if (busyBefore > mostBusy)
  console.log(`Something else takes ${Math.round(busyBefore * 100)} % of the machine: provisional.\n`)
console.log(tableHead)
const results = await runBench({
  only,
  seconds: Number(values.seconds),
  rounds: Number(values.rounds),
  smoke: false,
  onRows: (rows) => console.log(rows.map(tableRow).join('\n')),
})
console.log(`\n${ceilingsText(results.ceilings)}`)
keepResults({ ...results, busyBefore })
console.log('`npm run bench:report` writes docs/performance.md.')
