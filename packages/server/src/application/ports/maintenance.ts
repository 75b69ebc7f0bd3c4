import type { SessionEvent } from '../../domain/event.ts'

/** Sessions without activity since `before` (epoch milliseconds), perhaps only those that never had a message. */
export interface IdleQuery {
  readonly before: number
  readonly emptyOnly: boolean
}

/** Sessions that were deleted before that time and whose events lie, all of them, at or below `reached` in the whole log. Null: nobody
 *  follows the log. */
export interface PurgeQuery {
  readonly before: number
  readonly reached: number | null
}

/** Where a walk over the sessions of an owner is; the least recently active come first. */
export interface IdleCursor {
  readonly lastActivity: number
  readonly sid: string
}

/** A session that cleanup removes. `bytes`: texts of its messages. */
export interface RemovableSession {
  readonly sid: string
  readonly ownerId: string
  readonly externalId: string
  readonly title: string | null
  readonly lastActivity: number
  readonly messageCount: number
  readonly bytes: number
}

/** What operating the service needs of the store. Every statement touches a bounded number of rows. */
export interface MaintenanceStore {
  /** The first owner after this one who has a session, in the order of their ids. */
  nextOwner(after: string | null): Promise<string | undefined>
  /** Candidates only, found by an index: whether one may really go is asked by the two below. */
  listIdle(
    query: IdleQuery & { readonly ownerId: string; readonly after: IdleCursor | null; readonly limit: number },
  ): Promise<readonly IdleCursor[]>
  /** Those that may go: idle for long enough, no run, no call that waits for its client or for a person, no input in line. */
  listRemovable(query: IdleQuery, sids: readonly string[]): Promise<readonly RemovableSession[]>
  /** Marks those as deleted, with the same conditions in the same statement; gives back which ones it met. */
  removeIdle(query: IdleQuery, sids: readonly string[], at: number): Promise<readonly string[]>
  /** Removes at most `rows` rows of sessions that may be purged. Zero: there are none. */
  purge(query: PurgeQuery, rows: number): Promise<{ readonly rows: number; readonly sessions: number }>
  countPurgeable(query: PurgeQuery): Promise<number>
  /** The newest `limit` events of a session, oldest first, without what their ids point at. */
  timeline(sid: string, limit: number): Promise<readonly SessionEvent[]>
  /** What an operator switched on, across restarts. */
  isOn(name: 'paused'): Promise<boolean>
  switchTo(name: 'paused', on: boolean, at: number): Promise<void>
}

/** Copies of the whole database, made while it is in use. */
export interface Backups {
  /** A new file in the folder of the backups, complete and synced. Throws `storage_unavailable`; `overloaded` while another is made. */
  make(): Promise<{ readonly name: string; readonly bytes: number }>
}
