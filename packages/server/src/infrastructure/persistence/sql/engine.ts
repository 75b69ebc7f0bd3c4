import { type DatabaseConnection, type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import type { Queries, Schema } from './schema.ts'

/** What engines say each in their own words, or give for nothing because they have one writer. */
export interface Engine {
  /** That of the unit: what is compiled already is said to it without going through the query builder. */
  readonly connection: Pick<DatabaseConnection, 'executeQuery'>
  /** Statements of one key have the same texts. */
  readonly key: string
  /** Epoch milliseconds on the clock of the database. */
  readonly now: RawBuilder<number>
  /** Until the end of a unit that writes, nobody else changes the row that it decides by. Whoever changes a session takes its row first. */
  lock<T extends keyof Schema, R>(query: SelectQueryBuilder<Schema, T, R>): SelectQueryBuilder<Schema, T, R>
  /** As `lock`, of the rows that nobody else has right now: it waits for nobody. */
  lockFree<T extends keyof Schema, R>(query: SelectQueryBuilder<Schema, T, R>): SelectQueryBuilder<Schema, T, R>
  /** As `lock`, of what has no row yet: units that name the same do it one after the other. */
  lockName(db: Queries, name: string): Promise<void>
  /** Rows that every turn changes are kept in so many parts; whoever reads them adds these up. */
  readonly parts: number
  /** The position up to which the log is complete: no event can appear there any more. Asked by who has come to `after`. */
  logEnd(db: Queries, after: number): Promise<number>
}

export const sqliteEngine: Omit<Engine, 'connection'> = {
  key: 'sqlite',
  now: sql`cast(unixepoch('subsec') * 1000 as integer)`,
  lock: (query) => query,
  lockFree: (query) => query,
  lockName: async () => {},
  parts: 1,
  logEnd: async () => Number.MAX_SAFE_INTEGER,
}
