/** What a measurement gave, by name. */
export type Figures = Readonly<Record<string, number>>

export type Unit = 'ms' | 'tokens/CPU-s' | 'requests/CPU-s' | 'turns/s' | 'MB' | 'KB' | 'streams' | ''

/** What a figure has to reach: against the relay's, against another one of ours, or by itself. */
export type Goal =
  | { readonly kind: 'at-most-relay'; readonly times: number }
  | { readonly kind: 'at-least-relay'; readonly times: number }
  | { readonly kind: 'at-most'; readonly value: number }
  | { readonly kind: 'at-least'; readonly value: number }
  | { readonly kind: 'reported' }

export interface Row {
  readonly scenario: number
  readonly what: string
  readonly unit: Unit
  readonly ours: number
  /** What it is held against: the relay's figure, where `against` names nothing else. */
  readonly relay?: number
  readonly against?: string
  readonly goal: Goal
  /** How many rounds count, of how many; a round is void when the relay's first and last figure differ too much. */
  readonly rounds?: readonly [valid: number, all: number]
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

export function ratioOf({ ours, relay }: Row): number | undefined {
  return relay === undefined ? undefined : ours / relay
}

/** Undefined: there is nothing to reach, or nothing that counts was measured. */
export function isReached(row: Row): boolean | undefined {
  const ratio = ratioOf(row) ?? Number.NaN
  const { goal, ours } = row
  const value = goal.kind === 'at-most' || goal.kind === 'at-least' ? ours : ratio
  if (goal.kind === 'reported' || Number.isNaN(value)) return undefined
  const limit = 'times' in goal ? goal.times : goal.value
  return goal.kind.startsWith('at-most') ? value <= limit : value >= limit
}
