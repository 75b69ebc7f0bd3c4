import { describe, expect, it } from 'vitest'
import { runBench } from './bench.ts'
import { plotOf } from './plot.ts'
import { tableRow } from './table.ts'

// Whether the benchmark works. How fast anything is, it says by itself, and on a machine that does nothing else.
describe('the benchmark', () => {
  it('gives the figures of short turns, beside those of the relay', { timeout: 300_000 }, async () => {
    const { rows, ceilings } = await runBench({ only: [2], seconds: 1, rounds: 1, smoke: true })
    expect(rows.map(({ what }) => what)).toEqual(['8-token turn, wall p50', '8-token turn, CPU'])
    for (const row of rows) {
      expect(row.ours, tableRow(row)).toBeGreaterThanOrEqual(0)
      if (row.goal.kind.endsWith('-relay')) expect(row.relay, tableRow(row)).toBeGreaterThan(0)
    }
    expect(ceilings.turnsPerSecond).toBeGreaterThan(0)
    expect(ceilings.tokensPerSecond).toBeGreaterThan(0)
    expect(plotOf(rows)).toContain('</svg>')
  })
})
