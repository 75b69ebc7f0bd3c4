import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { mostBusy } from './cpu.ts'
import { plotOf } from './plot.ts'
import { type Results, readResults } from './results.ts'
import { ceilingsText, tableHead, tableRow } from './table.ts'

/** `npm run bench:report`: the figures that `npm run bench` found go into docs/performance.md, between the marks; the rest of it is written by hand. */
const docs = join(import.meta.dirname, '../../../../docs')
const [begin, end] = ['<!-- figures: written by npm run bench:report -->', '<!-- end of figures -->']

const results = readResults()
if (!results) throw new Error('There are no figures yet: npm run bench')
const page = join(docs, 'performance.md')
writeFileSync(page, withFigures(readFileSync(page, 'utf8'), results))
writeFileSync(join(docs, 'images/performance.svg'), plotOf(results.rows))
console.log('docs/performance.md and docs/images/performance.svg are written.')

function withFigures(text: string, { ceilings, rows }: Results): string {
  const [before, rest] = text.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`${page} needs "${begin}" and "${end}"`)
  const dates = [...new Set(rows.map(({ date }) => date))].join(', ')
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), Node ${process.versions.node}`
  const share = Math.max(...rows.map(({ busyBefore }) => busyBefore))
  const busy = `**Provisional**: something else took up to ${Math.round(share * 100)} % of the machine at the start.`
  const figures = [
    ...(share > mostBusy ? [busy] : []),
    `From \`npm run bench\` on ${dates}, ${machine}. ${ceilingsText(ceilings)}`,
    [tableHead, ...rows.map(tableRow)].join('\n'),
    '![Each figure against what it may take](images/performance.svg)',
  ]
  return `${before}${begin}\n\n${figures.join('\n\n')}\n\n${end}${after}`
}
