/** A call that a person is asked about. */
export interface Asked {
  readonly sessionId: string
  readonly callId: string
  readonly tool: string
  readonly arguments: Readonly<Record<string, unknown>>
  readonly reason: string | null
  readonly rule?: string
  readonly requestedAt: string
  /** `plan`: the arguments hold a plan to agree on. */
  readonly requestType?: string
  /** What the client showed; undefined while it is looked for. */
  readonly preview?: { readonly diff: string; readonly truncated: boolean } | null
}
