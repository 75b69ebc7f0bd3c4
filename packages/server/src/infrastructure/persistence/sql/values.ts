import { sql } from 'kysely'
import { RuntimeError } from '../../../domain/errors.ts'

/** Values written into the text of a statement. A partial index is used only where its condition stands there literally. */
export const literal = {
  one: sql.lit(1),
  zero: sql.lit(0),
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

/** With the last one again and again, up to a power of two: as few different statements as that. */
export function padded<T>(values: readonly T[]): T[] {
  const length = 2 ** Math.ceil(Math.log2(Math.max(1, values.length)))
  return Array.from({ length }, (_, index) => values[Math.min(index, values.length - 1)] as T)
}

/** Where a session is counted, of so many parts: by the end of its id, which is random. */
export function partOf(sid: string, parts: number): number {
  return (Number.parseInt(sid.slice(-1), 36) || 0) % parts
}
