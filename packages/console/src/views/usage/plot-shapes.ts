import uPlot from 'uplot'

interface Shape {
  readonly label: string
  readonly color: string
}

const bars = uPlot.paths.bars?.({ size: [0.7, 24] })

export function linesOf({ label, color }: Shape): uPlot.Series {
  return { label, stroke: color, width: 1.75, points: { show: false }, spanGaps: true }
}

export function barsOf({ label, color }: Shape): uPlot.Series {
  return { label, fill: color, width: 0, points: { show: false }, ...(bars && { paths: bars }) }
}

/** Each row with those before it added. */
export function stacked(rows: readonly (readonly (number | null)[])[]): number[][] {
  let sums: readonly number[] = []
  return rows.map((row) => {
    const next = row.map((value, index) => (sums[index] ?? 0) + (value ?? 0))
    sums = next
    return next
  })
}
