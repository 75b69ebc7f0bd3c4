import { RuntimeError } from '../../domain/errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { UnitOfWork } from '../ports/store.ts'

/** An operator's pause: no new turns, and runs end before their next model call. Stored, so that a restart stays paused. */
export interface Pause {
  readonly paused: boolean
  /** Reads what is stored; call it once, at start. */
  load(): Promise<void>
  set(paused: boolean): Promise<void>
}

export function createPause({ store, clock }: { readonly store: UnitOfWork; readonly clock: Clock }): Pause {
  let paused = false
  return {
    get paused() {
      return paused
    },
    async load() {
      paused = await store.read((tx) => tx.maintenance.isOn('paused'))
    },
    async set(wanted) {
      await store.transact((tx) => tx.maintenance.switchTo('paused', wanted, clock.now()))
      paused = wanted
    },
  }
}

const pausedText = 'The server is paused by its operator'
const hint = 'Try again when it goes on.'
const retryAfterMs = 30_000

/** Nothing was stored; the same request may be sent again. */
export function refusedWhilePaused(): RuntimeError {
  return new RuntimeError('overloaded', pausedText, { details: { hint, retryAfterMs } })
}

/** A run ends between two steps: all that it did is stored, and its turn can be taken up again. */
export function interruptedByPause(): RuntimeError {
  return new RuntimeError('interrupted', pausedText, { details: { hint, retryAfterMs } })
}
