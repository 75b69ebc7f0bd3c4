import type { UnitOfWork } from '../../application/ports/store.ts'

/** A database that is open, at the schema of this version. */
export interface OpenedStore {
  readonly unitOfWork: UnitOfWork
  /** The same, by a way on which nothing waits behind the units of turns: for signs of life. */
  readonly heartbeats: UnitOfWork
  /** Whether there was no database before. */
  readonly created: boolean
  /** Number of the last migration. */
  readonly schemaVersion: number
  /** Sessions that are not deleted. */
  sessionCount(): Promise<number>
  /** Lets the units under way end; later ones are refused. */
  close(): Promise<void>
}
