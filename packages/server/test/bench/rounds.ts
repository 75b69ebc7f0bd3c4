import { type Figures, type Goal, median, type Row, type Unit } from './figures.ts'

/** A round in which the relay differs from itself by more tells nothing about the server. */
const mostDrift = 0.25

export interface Measured {
  readonly figure: string
  readonly what: string
  readonly unit: Unit
  readonly goal: Goal
  readonly against?: string
}

/** The relay first and last in every round; the medians of the rounds that count. */
export async function compare(
  scenario: number,
  rounds: number,
  measured: readonly Measured[],
  measure: (subject: 'relay' | 'server') => Promise<Figures>,
): Promise<Row[]> {
  const all: { readonly first: Figures; readonly ours: Figures; readonly last: Figures }[] = []
  for (let round = 0; round < rounds; round++) {
    const first = await measure('relay')
    const ours = await measure('server')
    all.push({ first, ours, last: await measure('relay') })
  }
  return measured.map(({ figure, ...row }) => {
    const of = (figures: Figures) => figures[figure] ?? Number.NaN
    const valid = all.filter(({ first, last }) => !differs(of(first), of(last)))
    // Where no round counts the figures are shown all the same, and the table says that none did.
    const shown = valid.length > 0 ? valid : all
    const relay = median(shown.flatMap(({ first, last }) => [of(first), of(last)]))
    return { scenario, ...row, ours: median(shown.map(({ ours }) => of(ours))), relay, rounds: [valid.length, rounds] }
  })
}

function differs(a: number, b: number): boolean {
  return Math.max(a, b) > Math.min(a, b) * (1 + mostDrift)
}

/** Of ours alone. */
export async function repeat(rounds: number, measure: () => Promise<Figures>): Promise<Figures> {
  const all: Figures[] = []
  for (let round = 0; round < rounds; round++) all.push(await measure())
  const names = new Set(all.flatMap((figures) => Object.keys(figures)))
  return Object.fromEntries([...names].map((name) => [name, median(all.map((figures) => figures[name] ?? Number.NaN))]))
}
