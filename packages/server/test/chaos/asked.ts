import type { UpstreamCall } from '../crash/strict-upstream.ts'

/** What the model was asked, by step: the words of the person, and how many results came since. */
export class Asked {
  readonly #byStep = new Map<string, number[]>()
  readonly #steps = new Map<number, string>()

  note(said: string, { number, results }: UpstreamCall): void {
    if (results === undefined) return
    const step = `${said.split(' ', 1)[0]} after ${results} results`
    this.#steps.set(number, step)
    const calls = this.#byStep.get(step)
    if (calls) calls.push(number)
    else this.#byStep.set(step, [number])
  }

  /** Calls of a step that had been asked for before. */
  get repeated(): number {
    return [...this.#byStep.values()].reduce((sum, calls) => sum + calls.length - 1, 0)
  }

  /** The most often that one step was asked for. */
  get most(): number {
    return Math.max(0, ...[...this.#byStep.values()].map((calls) => calls.length))
  }

  /** Steps whose answer is stored although the model was asked once more after it, or stored twice. */
  faults(stored: readonly string[]): string[] {
    const seen = new Map<string, number>()
    return stored.flatMap((parts) => {
      const number = Number(/call_\d+_(\d+)_\d/.exec(parts)?.[1] ?? / Call (\d+)\./.exec(parts)?.[1])
      const step = this.#steps.get(number)
      if (step === undefined) return []
      const calls = this.#byStep.get(step) ?? []
      const before = seen.get(step)
      seen.set(step, number)
      if (before !== undefined) return [`the step ${step} is stored twice, of the calls ${before} and ${number}`]
      return calls.at(-1) === number
        ? []
        : [`the step ${step} was finished by call ${number}, and asked for by ${calls}`]
    })
  }
}
