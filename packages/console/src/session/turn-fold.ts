import type { TurnFacts } from './items.ts'

type Sum = 'steps' | 'inputTokens' | 'outputTokens' | 'cachedTokens' | 'modelMs' | 'toolCalls' | 'failedCalls'

/** The turns of a session and what they took. */
export class TurnFold {
  readonly #turns: TurnFacts[] = []

  get last(): TurnFacts | undefined {
    return this.#turns.at(-1)
  }

  snapshot(): readonly TurnFacts[] {
    return [...this.#turns]
  }

  start(id: string, startedAt: string): void {
    this.#turns.push({
      id,
      index: this.#turns.length + 1,
      startedAt,
      endedAt: undefined,
      outcome: undefined,
      steps: 0,
      inputTokens: 0,
      cachedTokens: 0,
      outputTokens: 0,
      modelMs: 0,
      firstTokenAt: undefined,
      toolCalls: 0,
      failedCalls: 0,
    })
  }

  end(endedAt: string, outcome: string): void {
    this.#change((turn) => ({ ...turn, endedAt, outcome }))
  }

  /** By the clock of the page: nobody stores when the first word came. */
  firstToken(): void {
    this.#change((turn) =>
      turn.firstTokenAt === undefined ? { ...turn, firstTokenAt: new Date().toISOString() } : turn,
    )
  }

  count(more: Partial<Record<Sum, number>>): void {
    this.#change((turn) => {
      const sums = Object.entries(more).map(([name, value]) => [name, turn[name as Sum] + value])
      return { ...turn, ...Object.fromEntries(sums) }
    })
  }

  #change(change: (turn: TurnFacts) => TurnFacts): void {
    const { last } = this
    if (last) this.#turns[this.#turns.length - 1] = change(last)
  }
}
