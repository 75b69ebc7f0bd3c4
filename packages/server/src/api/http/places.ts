import type { Principal } from './identity.ts'

/** What each person has open at once. Whoever has the internal key stands for many and has no limit of their own. Kept only while something
 *  is open. */
export class Places {
  readonly #taken = new Map<string, number>()
  readonly #limitOf: (person: Principal) => number

  constructor(limitOf: (person: Principal) => number) {
    this.#limitOf = limitOf
  }

  get people(): number {
    return this.#taken.size
  }

  /** Gives the function that frees the place, which counts once; undefined: this person has no more. */
  take(principal: Principal): (() => void) | undefined {
    if (principal.kind === 'service') return () => {}
    const person = nameOf(principal)
    const taken = this.#taken.get(person) ?? 0
    if (taken >= this.#limitOf(principal)) return undefined
    this.#taken.set(person, taken + 1)
    let free = false
    return () => {
      if (free) return
      free = true
      this.#free(person)
    }
  }

  #free(person: string): void {
    const left = (this.#taken.get(person) ?? 0) - 1
    if (left > 0) this.#taken.set(person, left)
    else this.#taken.delete(person)
  }
}

/** A person is one, with however many keys and tokens; who came with nothing is an address. */
function nameOf({ anonymous, id, owner }: Principal): string {
  return anonymous ? id : `user ${owner.ownerId}`
}
