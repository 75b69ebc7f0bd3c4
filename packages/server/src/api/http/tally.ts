import { setTimeout as sleep } from 'node:timers/promises'

/** Counts what is open. */
export class Tally {
  #size = 0
  #empty = Promise.withResolvers<void>()

  get size(): number {
    return this.#size
  }

  /** Gives the function that takes it off again. */
  add(): () => void {
    this.#size++
    let counted = true
    return () => {
      if (!counted) return
      counted = false
      this.#size--
      if (this.#size === 0) this.#empty.resolve()
    }
  }

  /** Resolves when nothing is open, or after `limitMs`. */
  async empty(limitMs: number): Promise<void> {
    if (this.#size === 0) return
    this.#empty = Promise.withResolvers()
    const limit = new AbortController()
    const late = sleep(limitMs, undefined, { signal: limit.signal, ref: false }).catch(() => undefined)
    await Promise.race([this.#empty.promise, late])
    limit.abort()
  }
}
