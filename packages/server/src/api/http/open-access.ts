import type { Log } from '../../application/index.ts'
import type { Principal, Term } from './identity.ts'

export type EndOfAccess = 'expired' | 'revoked'

interface Watched {
  readonly term: Term
  readonly ends: Set<(why: EndOfAccess) => void>
}

/** How often the credentials of open connections are looked at. */
const checkMs = 1_000

/** Connections that stay open longer than a request: each is told when what it came with counts no more. One look for each credential,
 *  however many connections came with it. */
export class OpenAccess implements Disposable {
  readonly #watched = new Map<string, Watched>()
  readonly #log: Log
  #timer: NodeJS.Timeout | undefined

  constructor(log: Log) {
    this.#log = log
  }

  /** Gives the function that ends the watch; `end` is called at most once. */
  watch({ term }: Principal, end: (why: EndOfAccess) => void): () => void {
    if (!term) return () => {}
    const watched = this.#watched.get(term.id) ?? { term, ends: new Set() }
    this.#watched.set(term.id, watched)
    watched.ends.add(end)
    this.#timer ??= setInterval(() => void this.#check(), checkMs).unref()
    return () => {
      watched.ends.delete(end)
      if (watched.ends.size === 0 && this.#watched.get(term.id) === watched) this.#watched.delete(term.id)
      if (this.#watched.size === 0) this[Symbol.dispose]()
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  async #check(): Promise<void> {
    for (const [id, { term, ends }] of [...this.#watched]) {
      const why = await this.#endOf(term)
      if (!why) continue
      this.#watched.delete(id)
      for (const end of ends) end(why)
    }
  }

  async #endOf({ expiresAt, isRevoked }: Term): Promise<EndOfAccess | undefined> {
    if (expiresAt !== null && expiresAt <= Date.now()) return 'expired'
    try {
      return (await isRevoked()) ? 'revoked' : undefined
    } catch (error) {
      // A store that is away closes nobody out; the next look tells.
      this.#log.warn('a credential could not be checked', { error: String(error) })
      return undefined
    }
  }
}
