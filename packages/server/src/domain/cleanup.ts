/** Which sessions cleanup removes: those without activity for `idleMs`, and of these perhaps only such as never had a message. */
export interface CleanupRule {
  readonly idleMs: number
  readonly emptyOnly: boolean
}

export interface CleanupSettings {
  /** Null: nothing goes by itself. */
  readonly rule: CleanupRule | null
  /** A deleted session's rows go so long after it was deleted. */
  readonly purgeAfterMs: number
}
