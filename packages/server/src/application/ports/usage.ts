export const usageDimensions = ['day', 'user', 'model'] as const
export type UsageDimension = (typeof usageDimensions)[number]

/** What people used, by UTC day. It is added up as models are called, so nothing is counted when it is read, and it outlives the sessions. */
export interface UsageStore {
  /** Rows in order of what they are grouped by; without `by`, one row or none. Days are those of `dayOf`, both included. */
  read(query: UsageQuery): Promise<readonly UsageRow[]>
}

export interface UsageQuery {
  /** Undefined: everybody's. */
  readonly ownerId: string | undefined
  readonly from: number
  readonly to: number
  readonly by: readonly UsageDimension[]
  readonly limit: number
}

/** Null where it is not grouped by that. */
export interface UsageRow {
  readonly day: number | null
  readonly ownerId: string | null
  readonly provider: string | null
  readonly model: string | null
  /** Turns that were begun; null by model: a turn may ask several. */
  readonly turns: number | null
  readonly calls: number
  readonly inputTokens: number
  readonly cachedTokens: number
  readonly outputTokens: number
  readonly reasoningTokens: number
  /** In US dollars; null when that of a single call is not known. */
  readonly cost: number | null
}
