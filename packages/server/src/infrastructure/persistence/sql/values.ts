import { sql } from 'kysely'
import { RuntimeError } from '../../../domain/errors.ts'

/** Values written into the text of a statement. A partial index is used only where its condition stands there literally. */
export const literal = {
  one: sql.lit(1),
  running: sql.lit('running' as const),
  waiting: sql.lit('waiting' as const),
  open: [sql.lit('open' as const), sql.lit('awaiting_approval' as const)],
} as const

export function flag(value: boolean): number {
  return value ? 1 : 0
}

/** Throws when a statement that must meet a row met none: the caller named something that was never stored. */
export function mustExist<T>(row: T | undefined, what: string): T {
  if (row === undefined) throw new RuntimeError('internal', `${what} is not stored`)
  return row
}
