import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite'

const KEPT = 256

interface Prepared {
  readonly statement: StatementSync
  /** Of the rows that it gives, if any. */
  readonly columns: readonly string[]
}

export interface Executed {
  readonly rows: unknown[]
  readonly changes: number | bigint
}

/** Prepared statements by their text; the oldest one leaves. */
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
    const { statement, columns } = this.#prepare(text)
    if (columns.length > 0) {
      const rows = statement.all(...parameters) as unknown as readonly SQLOutputValue[][]
      return { rows: rows.map((values) => rowOf(columns, values)), changes: 0 }
    }
    return { rows: [], changes: statement.run(...parameters).changes }
  }

  #prepare(text: string): Prepared {
    const known = this.#kept.get(text)
    if (known) return known
    const statement = this.#database.prepare(text)
    // As objects of its own node:sqlite gives rows at twice the cost: their properties are looked up by name.
    statement.setReturnArrays(true)
    const prepared = { statement, columns: statement.columns().map(({ name }) => name) }
    this.#kept.set(text, prepared)
    if (this.#kept.size > KEPT) this.#forgetOldest()
    return prepared
  }

  #forgetOldest(): void {
    const [oldest] = this.#kept.keys()
    if (oldest !== undefined) this.#kept.delete(oldest)
  }
}

function rowOf(columns: readonly string[], values: readonly SQLOutputValue[]): Record<string, SQLOutputValue> {
  const row: Record<string, SQLOutputValue> = {}
  for (let i = 0; i < columns.length; i++) row[columns[i] as string] = values[i] as SQLOutputValue
  return row
}
