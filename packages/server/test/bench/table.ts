import type { Ceilings } from './ceilings.ts'
import { type Goal, isReached, type Row, ratioOf } from './figures.ts'

export const tableHead = [
  '| # | what | ours | relay | ratio | to reach | reached | rounds |',
  '|---|---|---|---|---|---|---|---|',
].join('\n')

export function tableRow(row: Row): string {
  const { scenario, what, unit, ours, relay, against, goal, rounds } = row
  const reached = isReached(row)
  const cells = [
    scenario,
    what,
    withUnit(ours, unit),
    relay === undefined ? '' : withUnit(relay, unit),
    ratioOf(row)?.toFixed(2) ?? '',
    goalText(goal, unit, against ?? 'R'),
    reached === undefined ? '' : reached ? 'yes' : '**no**',
    rounds ? `${rounds[0]} of ${rounds[1]}` : '',
  ]
  return `| ${cells.join(' | ')} |`
}

function goalText(goal: Goal, unit: Row['unit'], against: string): string {
  switch (goal.kind) {
    case 'at-most-relay':
      return `≤ ${goal.times} ${against}`
    case 'at-least-relay':
      return `≥ ${goal.times} ${against}`
    case 'at-most':
      return `≤ ${withUnit(goal.value, unit)}`
    case 'at-least':
      return `≥ ${withUnit(goal.value, unit)}`
    case 'reported':
      return 'reported'
  }
}

function withUnit(value: number, unit: Row['unit']): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2
  const number = value.toLocaleString('en', { maximumFractionDigits: digits })
  return unit === '' ? number : `${number} ${unit}`
}

export function ceilingsText(ceilings: Ceilings): string {
  const { turnsPerSecond, tokensPerSecond, pacedStreams, pacedLagP99Ms } = ceilings
  const [turns, tokens] = [turnsPerSecond, tokensPerSecond].map((value) => Math.round(value).toLocaleString('en'))
  return `The load and the scripted model by themselves: ${turns} turns of 8 tokens a second, ${tokens} tokens a second, ${pacedStreams} streams of 50 tokens a second with a lag of ${pacedLagP99Ms.toFixed(1)} ms (p99).`
}
