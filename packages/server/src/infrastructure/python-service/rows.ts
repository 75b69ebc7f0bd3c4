import { RuntimeError } from '../../domain/errors.ts'

/** A row as the database gives it; PostgreSQL gives every value as text. */
export type Row = Readonly<Record<string, unknown>>

/** What the tables of the Python service are read with: one moment of them, nothing is ever written. */
export interface TableReader {
  /** Columns of a table; empty when there is none. */
  columns(table: string): Promise<ReadonlySet<string>>
  rows(query: string): AsyncIterableIterator<Row>
  /** A text column in the order in which `RowsBySession` expects ids: byte by byte. */
  byBytes(column: string): string
  /** In which order rows arrived, where nothing else tells. */
  readonly arrival: string
}

export function text(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value)
}

export function flag(value: unknown): boolean {
  return value === true || value === 1 || value === 'true' || value === 't' || value === '1'
}

function compareIds(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** Rows in order of a session's id, taken session by session in the same order: memory holds those of one session. */
export class RowsBySession {
  readonly #rows: AsyncIterator<Row>
  readonly #column: string
  #next: Row | undefined
  #started = false

  constructor(rows: AsyncIterator<Row>, column: string) {
    this.#rows = rows
    this.#column = column
  }

  async take(sessionId: string): Promise<readonly Row[]> {
    if (!this.#started) await this.#advance()
    this.#started = true
    const taken: Row[] = []
    for (let order = this.#compare(sessionId); order <= 0; order = this.#compare(sessionId)) {
      if (order === 0 && this.#next) taken.push(this.#next)
      await this.#advance()
    }
    return taken
  }

  /** Above 0 when there are no more for this session. */
  #compare(sessionId: string): number {
    return this.#next === undefined ? 1 : compareIds(String(this.#next[this.#column]), sessionId)
  }

  async #advance(): Promise<void> {
    const { done, value } = await this.#rows.next()
    this.#next = done ? undefined : value
  }
}

/** Rows of a table that this database does not have. */
export async function* noRows(): AsyncIterableIterator<Row> {}

export function notOurs(shown: string, why: string): RuntimeError {
  return new RuntimeError('invalid_input', `${shown} is no database of the Python service: ${why}`, {
    details: { hint: 'Name what its AGENT_RUNTIME__DB_URL named.' },
  })
}
