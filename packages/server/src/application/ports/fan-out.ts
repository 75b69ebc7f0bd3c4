/** Called with sessions. */
export interface Ears {
  /** Another replica told of it. */
  heard(sid: string): void
  /** Another replica follows what was told of here. */
  followed(sid: string): void
}

/** How replicas hear of each other (DESIGN 5). All of it is hints: one may be lost, or come twice, and says only where to look. */
export interface FanOut {
  /** Something of the session was committed here, or its open answer has grown. Costs the caller nothing. */
  tell(sid: string): void
  /** This replica wants to hear of the session. */
  follow(sid: string): void
  unfollow(sid: string): void
  /** Others may have forgotten what this replica follows. */
  renew(): void
  /** Where this replica hears of others. */
  readonly listener: string
  start(ears: Ears): Promise<void>
  stop(): Promise<void>
}
