import type { Key } from './keys.ts'
import type { Cursor, Size } from './live-area.ts'

export interface DialogView {
  readonly rows: readonly string[]
  /** Where the person types; none when only keys are taken. */
  readonly cursor?: Cursor
}

/** Something that asks a person and takes the keys meanwhile. */
export interface Dialog {
  /** Whether something cannot go on without the person; not so for a list that the person has opened. */
  readonly waits: boolean
  view(size: Size, now: number): DialogView
  /** False when the key is not the dialog's; it goes to the message then. */
  key(key: Key, now: number, lineIsEmpty: boolean): boolean
}

/** Where dialogs are shown, one at a time. */
export interface DialogHost {
  /** Shows a dialog until it settles. An abort settles it with `cancelled`. */
  ask<T>(make: (settle: (answer: T) => void) => Dialog, cancelled: T, signal: AbortSignal): Promise<T>
  /** Gives the terminal to another program while `work` runs. */
  lend<T>(work: () => Promise<T>): Promise<T>
}

/** A new dialog takes a deciding key only after this time: a key typed for something else must not decide. */
export const settleMs = 500
