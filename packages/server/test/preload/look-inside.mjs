// On SIGUSR2: collects garbage, then writes what is in memory, and how late the event loop was since the last time, beside the announcement.
import { renameSync, writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc')
const delay = monitorEventLoopDelay({ resolution: 5 })
delay.enable()
let looks = 0
process.on('SIGUSR2', () => {
  const loopDelayP99Ms = delay.percentile(99) / 1e6
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  delay.reset()
  writeFileSync('inside.tmp', JSON.stringify({ looks: ++looks, heap: heapUsed + external, loopDelayP99Ms }))
  renameSync('inside.tmp', 'inside.json')
})
