import { measureCeilings } from './ceilings.ts'
import type { Row } from './figures.ts'
import { scenarios } from './scenarios/index.ts'
import type { Bench } from './scenarios/scenario.ts'
import { startLoad, startUpstream } from './subject.ts'

export interface BenchOptions {
  /** By number. */
  readonly only: readonly number[]
  readonly seconds: number
  readonly rounds: number
  readonly smoke: boolean
  readonly onRows?: (rows: readonly Row[]) => void
}

export async function runBench({ only, seconds, rounds, smoke, onRows }: BenchOptions) {
  await using upstream = await startUpstream()
  await using load = await startLoad()
  const bench: Bench = { upstream, load, seconds, rounds, smoke }
  const ceilings = await measureCeilings(bench)
  const rows: Row[] = []
  for (const scenario of scenarios) {
    if (!only.includes(scenario.id)) continue
    const found = await scenario.run(bench)
    rows.push(...found)
    onRows?.(found)
  }
  return { ceilings, rows }
}
