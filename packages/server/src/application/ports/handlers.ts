import type { EventType, SessionEvent } from '../../domain/event.ts'

/** An event as a handler sees it: thin, with its place in the whole log and what never changes around it. */
export interface LoggedEvent {
  /** Order in the whole store, over all sessions; never given twice, not without gaps. */
  readonly position: number
  readonly ownerId: string
  readonly event: SessionEvent
  /** The run it belongs to. */
  readonly run: { readonly agent: string; readonly startedAt: number } | null
}

/** How far a handler has come. Counts are of events that it handles, each counted once. */
export interface HandlerProgress {
  readonly handler: string
  /** Everything up to here is handled or lies among the dead letters. */
  readonly position: number
  readonly handled: number
  readonly failed: number
}

/** An event that its handler could not take, kept until somebody replays it. */
export interface DeadLetter {
  readonly id: number
  readonly handler: string
  readonly position: number
  readonly sid: string
  readonly seq: number
  readonly type: EventType
  readonly code: string
  /** At most 500 characters. */
  readonly text: string
  readonly at: number
  readonly attempts: number
}

/** Cursors, dead letters and figures of the handlers (DESIGN 5). */
export interface HandlerStore {
  /** Where the handler stands; 0 at first. */
  cursor(handler: string): Promise<number>
  /** As `cursor`; nobody else moves it until the end of this unit. */
  take(handler: string): Promise<number>
  /** Moves the cursor and adds to the counts. */
  advance(
    handler: string,
    by: { readonly to: number; readonly handled: number; readonly failed: number },
  ): Promise<void>
  progress(): Promise<readonly HandlerProgress[]>
  /** Position of the newest event; 0 when there is none. */
  lastPosition(): Promise<number>
  /** Events of all sessions after `position`, oldest first. */
  readAfter(position: number, limit: number): Promise<readonly LoggedEvent[]>
  bury(letter: Omit<DeadLetter, 'id'>): Promise<void>
  /** Oldest first. */
  deadLetters(query: { readonly limit: number; readonly id?: number }): Promise<readonly DeadLetter[]>
  countDeadLetters(): Promise<number>
  /** False when it is there no more. */
  removeDeadLetter(id: number): Promise<boolean>
  /** Adds to the figures that handlers keep. */
  addToRollups(increments: readonly RollupIncrement[]): Promise<void>
}

/** What is added to one row of the figures: a count, and a sum of what was measured. */
export interface RollupIncrement {
  readonly ownerId: string
  readonly name: string
  readonly labelA: string
  readonly labelB: string
  readonly count: number
  readonly sum: number
}

export interface Replayed {
  readonly replayed: number
  /** Tried, failed again and kept. */
  readonly failed: number
  /** Dead letters that are left, those that failed again included. */
  readonly remaining: number
}

/** The handlers that follow the log in the background. */
export interface EventHandlers {
  /** Whose cursors count: what one of these has not come to yet must stay in the log. */
  readonly names: readonly string[]
  /** Resolves when they have seen what was committed before the call, or after a second: a handler that fails must hold nobody up. */
  caughtUp(): Promise<void>
  /** Gives dead letters to their handlers again: one, or the oldest 1,000. Throws `not_found` when there is none of that id. */
  replay(id?: number): Promise<Replayed>
}
