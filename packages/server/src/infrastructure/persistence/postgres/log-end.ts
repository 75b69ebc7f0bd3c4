import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Queries } from '../sql/schema.ts'

/** Waits for commits that are under way, in milliseconds. Longer ones are met by the next look. */
const looksAgain = [2, 10, 30]

interface Look {
  /** Position of the newest event that is seen. */
  readonly last: number
  /** The number that the next transaction gets, and that of the oldest one that is still open. */
  readonly next: bigint
  readonly oldest: bigint
}

/**
 * Up to where the log is complete. A position is given before its commit, so a later one may be seen first; who went by what is seen would
 * pass over the other for ever. But a unit has its number as a transaction before it takes positions (it has changed its session's row):
 * what lies up to the last position of one look belongs to transactions that had begun by then, and once all of those have ended, nothing
 * can appear there. Nothing is stored for it, so a database may move to another server.
 */
export class LogEnd {
  #end = 0
  #waiting: Look | undefined

  async after(db: Queries, position: number): Promise<number> {
    for (const wait of looksAgain) {
      const look = await lookAt(db)
      this.#take(look)
      if (this.#end > position || look.last <= position) break
      await sleep(wait)
    }
    return this.#end
  }

  #take(look: Look): void {
    if (this.#waiting && look.oldest >= this.#waiting.next) {
      this.#end = Math.max(this.#end, this.#waiting.last)
      this.#waiting = undefined
    }
    if (look.oldest >= look.next) this.#end = Math.max(this.#end, look.last)
    else this.#waiting ??= look
  }
}

/** The unit that asks is no part of its own snapshot's list. */
async function lookAt(db: Queries): Promise<Look> {
  const next = sql<string>`pg_snapshot_xmax(pg_current_snapshot())`
  const open = sql`(select xid from pg_snapshot_xip(pg_current_snapshot()) as xid order by xid limit 1)`
  const row = await db
    .selectNoFrom([
      sql<number>`coalesce((select position from events order by position desc limit 1), 0)`.as('last'),
      sql<string>`${next}::text`.as('next'),
      sql<string>`coalesce(${open}, ${next})::text`.as('oldest'),
    ])
    .executeTakeFirstOrThrow()
  return { last: row.last, next: BigInt(row.next), oldest: BigInt(row.oldest) }
}
