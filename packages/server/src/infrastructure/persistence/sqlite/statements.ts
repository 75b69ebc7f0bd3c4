import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'

const KEPT = 256

interface Prepared {
  readonly statement: StatementSync
  /** Whether it gives rows. */
  readonly reader: boolean
}

export interface Executed {
  readonly rows: unknown[]
  readonly changes: number | bigint
}

/** Prepared statements by their text; the least recently used one leaves. */
export class Statements {
  readonly #database: DatabaseSync
  readonly #kept = new Map<string, Prepared>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  get inTransaction(): boolean {
    return this.#database.isTransaction
  }

  execute(text: string, parameters: readonly SQLInputValue[] = []): Executed {
    const { statement, reader } = this.#prepare(text)
    if (reader) return { rows: statement.all(...parameters), changes: 0 }
    return { rows: [], changes: statement.run(...parameters).changes }
  }

  #prepare(text: string): Prepared {
    const known = this.#kept.get(text)
    if (known) {
      this.#kept.delete(text)
      this.#kept.set(text, known)
      return known
    }
    const statement = this.#database.prepare(text)
    const prepared = { statement, reader: statement.columns().length > 0 }
    this.#kept.set(text, prepared)
    if (this.#kept.size > KEPT) this.#forgetOldest()
    return prepared
  }

  #forgetOldest(): void {
    const [oldest] = this.#kept.keys()
    if (oldest !== undefined) this.#kept.delete(oldest)
  }
}
