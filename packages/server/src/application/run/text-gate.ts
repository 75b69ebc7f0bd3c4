import { mayBecomeCall } from '../../domain/text-call.ts'

/** Keeps the beginning of an answer back while it may still be a call that the model writes as text: nobody is to read one. */
export class TextGate {
  #held: string | undefined

  constructor(mayCall: boolean) {
    this.#held = mayCall ? '' : undefined
  }

  /** What may be shown now. */
  pass(piece: string): string {
    if (this.#held === undefined) return piece
    this.#held += piece
    if (mayBecomeCall(this.#held.slice(0, decidedWithin))) return ''
    const text = this.#held
    this.#held = undefined
    return text
  }
}

/** Characters that tell. */
const decidedWithin = 64
