import { parseArgs } from 'node:util'
import { type Mechanism, measure, mechanisms } from './measure.ts'

/** `npm run bench:durability -- --seconds 5 --folder DIR`: the rows of the table in decision 0007. The machine should do nothing else meanwhile. */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    writers: { type: 'string', default: '64' },
    folder: { type: 'string', default: process.cwd() },
  },
})
const names: Readonly<Record<Mechanism, string>> = {
  shared: '**`NORMAL`, then one shared `fdatasync`** (shipped)',
  full: '`synchronous=FULL`, one by one',
  normal: 'plain `NORMAL`, which promises less',
}
const slower = [0, 5, 20]

console.log('| way | sync | commits/s | CPU per commit | event loop p99 | commit p50 | p99 |')
console.log('|---|---|---|---|---|---|---|')
for (const mechanism of mechanisms) {
  // Without a sync before the answer there is nothing that a slower one could slow down, but for checkpoints.
  for (const slowerMs of mechanism === 'normal' ? [0] : slower) {
    const { commitsPerSecond, cpuMicrosPerCommit, loopDelayP99Ms, commitMs } = await measure({
      mechanism,
      slowerMs,
      writers: Number(values.writers),
      seconds: Number(values.seconds),
      folder: values.folder,
    })
    const cells = [
      names[mechanism],
      slowerMs === 0 ? 'as the disk is' : `+${slowerMs} ms`,
      Math.round(commitsPerSecond).toLocaleString('en'),
      `${Math.round(cpuMicrosPerCommit)} µs`,
      ...[loopDelayP99Ms, commitMs.p50, commitMs.p99].map((ms) => `${ms.toFixed(1)} ms`),
    ]
    console.log(`| ${cells.join(' | ')} |`)
  }
}
