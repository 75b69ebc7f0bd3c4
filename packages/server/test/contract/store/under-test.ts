import type { UnitOfWork } from '../../../src/application/ports/store.ts'

/** A store of its own for one test, empty at first. */
export interface StoreUnderTest {
  readonly unitOfWork: UnitOfWork
  /** Whether units run one at a time, in the order they were asked for; else those of one session do not overlap. */
  readonly inOrder: boolean
  /** Closes it and opens what it left. */
  reopen(): Promise<UnitOfWork>
  dispose(): Promise<void>
}

/** The store of the test that runs. */
export interface Current {
  readonly unitOfWork: UnitOfWork
  reopen(): Promise<UnitOfWork>
}
