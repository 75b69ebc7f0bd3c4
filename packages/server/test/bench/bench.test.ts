import { describe, expect, it } from 'vitest'
import { runBench } from './bench.ts'
import { plotOf } from './plot.ts'
import { scenarios } from './scenarios/index.ts'
import { tableRow } from './table.ts'

// Whether the benchmark works. How fast anything is, it says by itself, and on a machine that does nothing else.
describe('the benchmark', () => {
  it('gives every figure of every scenario', { timeout: 300_000 }, async () => {
    const only = scenarios.map(({ id }) => id)
    const { rows, ceilings } = await runBench({ only, seconds: 0.2, rounds: 1, smoke: true })
    expect(new Set(rows.map(({ scenario }) => scenario))).toEqual(new Set(only))
    for (const row of rows) {
      expect(row.ours, tableRow(row)).toBeGreaterThanOrEqual(0)
      if (row.goal.kind.endsWith('-relay')) expect(row.relay, tableRow(row)).toBeGreaterThan(0)
    }
    expect(ceilings.turnsPerSecond).toBeGreaterThan(0)
    expect(ceilings.tokensPerSecond).toBeGreaterThan(0)
    expect(plotOf(rows)).toContain('</svg>')
  })
})
