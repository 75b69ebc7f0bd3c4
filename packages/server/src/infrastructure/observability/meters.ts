import type { Meters as MetersPort } from '../../application/ports/meters.ts'

/** Rows of one counter. Their labels come from closed sets; a mistake must not eat the memory. */
const mostRows = 5_000

/** Upper bounds of the first token's wait, in seconds. */
export const firstTokenBounds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 180] as const

/** A counter with labels. Counting costs one look into a map; what shows it is loaded when somebody asks. */
class LabelledCounter<Label extends string> {
  readonly #rows = new Map<string, { readonly labels: Readonly<Record<Label, string>>; count: number }>()

  add(labels: Readonly<Record<Label, string>>): void {
    const key = Object.values(labels).join('\n')
    const row = this.#rows.get(key)
    if (row) row.count += 1
    else if (this.#rows.size < mostRows) this.#rows.set(key, { labels, count: 1 })
  }

  rows(): readonly { readonly labels: Readonly<Record<Label, string>>; readonly count: number }[] {
    return [...this.#rows.values()]
  }
}

export interface FirstTokenRow {
  readonly labels: { readonly provider: string; readonly model: string }
  /** One for each bound, and one for what took longer; each counts only its own. */
  readonly buckets: number[]
  seconds: number
}

/** What this process has counted since it started. */
export class Meters implements MetersPort {
  historyRepairs = 0
  readonly modelCalls = new LabelledCounter<'provider' | 'model' | 'outcome'>()
  readonly requests = new LabelledCounter<'route' | 'method' | 'status'>()
  readonly #firstTokens = new Map<string, FirstTokenRow>()

  historyRepaired(count: number): void {
    this.historyRepairs += count
  }

  firstToken(provider: string, model: string, seconds: number): void {
    const key = `${provider}\n${model}`
    const known = this.#firstTokens.get(key)
    if (!known && this.#firstTokens.size >= mostRows) return
    const row = known ?? { labels: { provider, model }, buckets: [...firstTokenBounds, 0].map(() => 0), seconds: 0 }
    this.#firstTokens.set(key, row)
    const found = firstTokenBounds.findIndex((bound) => seconds <= bound)
    const bucket = found === -1 ? firstTokenBounds.length : found
    row.buckets[bucket] = (row.buckets[bucket] ?? 0) + 1
    row.seconds += seconds
  }

  firstTokens(): readonly FirstTokenRow[] {
    return [...this.#firstTokens.values()]
  }
}
