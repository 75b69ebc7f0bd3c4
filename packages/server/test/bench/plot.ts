import { type Goal, type Row, ratioOf } from './figures.ts'

interface Bar {
  readonly label: string
  /** Of what is allowed: 1 is just reached, less is better. */
  readonly share: number
}

const width = 900
const barHeight = 22
const labels = 330
const [least, most] = [0.1, 20]
/** The marks of a logarithmic scale. */
const marks = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20]
/** Readable on white and on black. */
const [good, bad, ink] = ['#2e9e6b', '#d0693f', '#808890']

/** Every row with something to reach as a bar, how much it takes of what it may. */
export function plotOf(rows: readonly Row[]): string {
  const bars = rows.flatMap((row) => {
    const share = shareOf(row)
    return share === undefined ? [] : [{ label: `${row.scenario}: ${row.what.replaceAll('`', '')}`, share }]
  })
  const bottom = 40 + bars.length * barHeight
  const lines = marks.map((mark) => {
    const x = place(mark)
    const style = mark === 1 ? `stroke="${ink}" stroke-width="2"` : `stroke="${ink}" stroke-opacity="0.3"`
    return `<line x1="${x}" x2="${x}" y1="34" y2="${bottom}" ${style}/>${text(x, bottom + 16, `${mark}×`, 'middle')}`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 28}" font-family="sans-serif" font-size="13" fill="${ink}">`,
    '<title>How much of what it may each figure takes; 1 is just reached</title>',
    text(labels, 20, 'of what is allowed: 1× is just reached, to the left is better (logarithmic)', 'start'),
    ...lines,
    ...bars.map(drawn),
    '</svg>',
    '',
  ].join('\n')
}

function drawn({ label, share }: Bar, index: number): string {
  const y = 40 + index * barHeight
  const [allowed, end] = [place(1), place(share)]
  const over = share > 1
  const box = `x="${Math.min(allowed, end)}" y="${y + 3}" width="${Math.max(1, Math.abs(end - allowed))}" height="${barHeight - 6}"`
  return [
    text(labels - 8, y + 15, label, 'end'),
    `<rect ${box} fill="${over ? bad : good}"/>`,
    text(over ? end + 5 : end - 5, y + 15, `${share.toFixed(2)}×`, over ? 'start' : 'end'),
  ].join('')
}

function place(share: number): number {
  const along = Math.log(Math.min(most, Math.max(least, share)) / least) / Math.log(most / least)
  return Math.round(labels + along * (width - labels - 60))
}

function text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end'): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped}</text>`
}

function shareOf(row: Row): number | undefined {
  const share = shareOfGoal(row.goal, row.ours, ratioOf(row) ?? Number.NaN)
  return Number.isFinite(share) ? share : undefined
}

function shareOfGoal(goal: Goal, ours: number, ratio: number): number {
  switch (goal.kind) {
    case 'at-most-relay':
      return ratio / goal.times
    case 'at-least-relay':
      return goal.times / ratio
    case 'at-most':
      return ours / goal.value
    case 'at-least':
      return goal.value / ours
    case 'reported':
      return Number.NaN
  }
}
