/** A promise that was broken. */
export class Violation extends Error {
  override readonly name = 'Violation'
  readonly promise: string

  constructor(promise: string, text: string) {
    super(`${promise}: ${text}`)
    this.promise = promise
  }
}

/** The last things that happened, and the first promise that was broken. */
export class Witness {
  readonly #time: () => number
  readonly #lines: string[] = []
  #violation: Violation | undefined

  constructor(time: () => number) {
    this.#time = time
  }

  note(who: string, what: string): void {
    this.#lines.push(`${this.#time().toFixed(1).padStart(9)}  ${who.padEnd(7)} ${what}`)
    if (this.#lines.length > 400) this.#lines.splice(0, 200)
  }

  accuse(promise: string, text: string): void {
    this.#violation ??= new Violation(promise, text)
  }

  get violation(): Violation | undefined {
    return this.#violation
  }

  last(count: number): string {
    return this.#lines.slice(-count).join('\n')
  }
}
