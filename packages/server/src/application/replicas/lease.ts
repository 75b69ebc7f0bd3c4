/** This process among those that share the store (DESIGN 5). */
export interface Lease {
  /** Its name among them; a new one after the others gave it up. */
  readonly id: string
  /** Whether it may still act for the sessions that it owns, by its own clock: it stops before the others may take them. Costs nothing. */
  readonly held: boolean
  /** Gives a sign of life now; it may act for sessions again afterwards, perhaps under a new name. Throws when the store does not take it. */
  renew(): Promise<void>
}
