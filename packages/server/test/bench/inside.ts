import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { MeasuredServer } from './subject.ts'

export interface Inside {
  /** Bytes that are reachable, outside the heap of JavaScript too. */
  readonly heap: number
  /** Since the last look. */
  readonly loopDelayP99Ms: number
}

/** Of a server that was started with this preload. */
export const insidePreload = 'look-inside.mjs'

const limitMs = 10_000

export async function lookInside({ pid, process: { folder } }: MeasuredServer): Promise<Inside> {
  const file = join(folder, 'inside.json')
  const looksBefore = read(file).looks
  process.kill(pid, 'SIGUSR2')
  const limit = performance.now() + limitMs
  for (;;) {
    const seen = read(file)
    if (seen.looks !== looksBefore) return seen
    if (performance.now() > limit) throw new Error('the server did not say what is inside')
    await sleep(5)
  }
}

function read(file: string): Inside & { readonly looks: number } {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { looks: 0, heap: 0, loopDelayP99Ms: 0 }
}
