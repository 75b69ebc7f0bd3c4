import type { LoggedEvent } from '../../application/ports/handlers.ts'
import type { Transaction } from '../../application/ports/store.ts'
import type { EventType } from '../../domain/event.ts'

/** Something that follows the log. What it writes with `tx` is stored together with its cursor, so each event counts once there; whatever
 *  else it does, it does at least once and has to know by the event's position. */
export interface EventHandler {
  /** Its key in the store; never changed. */
  readonly name: string
  readonly types: ReadonlySet<EventType>
  /** Takes events of its types, oldest first. Whatever it throws, the same events come again, then one by one. */
  handle(tx: Transaction, events: readonly LoggedEvent[]): Promise<void>
}
