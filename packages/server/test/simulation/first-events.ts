import type { Witness } from './violation.ts'

/** In which order inputs were sent, and where their runs begin in the log. */
export class FirstEvents {
  readonly #bySession = new Map<string, { readonly seq: number; readonly number: number }[]>()
  readonly #unfinished = new Set<Promise<unknown>>()
  readonly #witness: Witness
  #number = 0

  constructor(witness: Witness) {
    this.#witness = witness
  }

  next(): number {
    this.#number += 1
    return this.#number
  }

  add(sid: string, seq: number, number: number): void {
    const starts = this.#bySession.get(sid) ?? []
    this.#bySession.set(sid, starts)
    for (const other of starts)
      if (other.seq < seq !== other.number < number)
        this.#witness.accuse(
          'inputs are taken in order',
          `input ${number} is at ${seq}, input ${other.number} at ${other.seq} of ${sid}`,
        )
    starts.push({ seq, number })
  }

  /** Work that nobody waits for now, and that has to end. */
  also(work: Promise<unknown>): void {
    this.#unfinished.add(work)
    void work.finally(() => this.#unfinished.delete(work))
  }

  get unfinished(): number {
    return this.#unfinished.size
  }
}
