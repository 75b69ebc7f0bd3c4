import { describe, expect, it } from 'vitest'
import { runBench } from './bench.ts'
import { plotOf } from './plot.ts'
import { scenarios } from './scenarios/index.ts'
import { tableRow } from './table.ts'

// Whether the benchmark works. How fast anything is, it says by itself, and on a machine that does nothing else.
describe('the benchmark', () => {
  it('goes through all of its scenarios, with tiny counts', { timeout: 300_000 }, async () => {
    const only = scenarios.map(({ id }) => id)
    const { rows, ceilings } = await runBench({ only, seconds: 0.3, rounds: 1, smoke: true })
    expect([...new Set(rows.map(({ scenario }) => scenario))]).toEqual(only)
    for (const row of rows) {
      expect(row.ours, tableRow(row)).toBeGreaterThanOrEqual(0)
      // CPU time is told in hundredths of a second: a relay may have used none.
      if (row.goal.kind.endsWith('-relay')) expect(row.relay, tableRow(row)).toBeGreaterThanOrEqual(0)
    }
    expect(ceilings.turnsPerSecond).toBeGreaterThan(0)
    expect(ceilings.tokensPerSecond).toBeGreaterThan(0)
    expect(plotOf(rows)).toContain('</svg>')
  })
})
