import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Ceilings } from './ceilings.ts'
import type { Row } from './figures.ts'

export interface Results {
  readonly ceilings: Ceilings
  readonly rows: readonly Kept[]
}

type Kept = Row & {
  readonly date: string
  /** What share of the machine somebody else took when it began; beyond `mostBusy` the figure is provisional. */
  readonly busyBefore: number
}

/** Among what is built: figures of this machine, not of the repository. */
const file = join(import.meta.dirname, '../../dist/bench.json')

interface Found {
  readonly ceilings: Ceilings
  readonly rows: readonly Row[]
  readonly busyBefore: number
}

/** Scenarios that were left out keep what they had. */
export function keepResults({ ceilings, rows, busyBefore }: Found): void {
  const measured = new Set(rows.map(({ scenario }) => scenario))
  const before = readResults()?.rows.filter(({ scenario }) => !measured.has(scenario)) ?? []
  const date = new Date().toISOString().slice(0, 10)
  const all = [...before, ...rows.map((row) => ({ ...row, date, busyBefore }))].sort((a, b) => a.scenario - b.scenario)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify({ ceilings, rows: all }, undefined, 1)}\n`)
}

export function readResults(): Results | undefined {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}
