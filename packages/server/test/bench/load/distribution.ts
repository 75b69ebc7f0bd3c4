export interface Percentiles {
  readonly count: number
  readonly p50: number
  readonly p99: number
}

/** Durations in milliseconds, kept as counts: a campaign has millions of them. */
export class Distribution {
  // A step is 0.01 ms up to 10 ms, 0.1 ms up to 100 ms, and so on: at most a thousandth of an error where it counts.
  readonly #counts = new Map<number, number>()
  #count = 0

  add(ms: number): void {
    const step = ms < 10 ? 0.01 : ms < 100 ? 0.1 : 1
    const value = Math.round(ms / step) * step
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1)
    this.#count += 1
  }

  percentiles(): Percentiles {
    const sorted = [...this.#counts].sort(([a], [b]) => a - b)
    return { count: this.#count, p50: this.#at(sorted, 0.5), p99: this.#at(sorted, 0.99) }
  }

  #at(sorted: readonly (readonly [number, number])[], share: number): number {
    let seen = 0
    for (const [value, count] of sorted) {
      seen += count
      if (seen >= share * this.#count) return value
    }
    return Number.NaN
  }
}
