/** So many requests in so long. */
export interface Rate {
  readonly max: number
  readonly windowMs: number
}

/** A personal key, without the key: only its hash is kept. */
export interface ApiKey {
  readonly id: string
  /** The person. */
  readonly ownerId: string
  readonly hash: string
  /** How it begins, so that a person knows theirs. */
  readonly hint: string
  /** Its own limit, instead of everybody's; null: everybody's. */
  readonly rate: Rate | null
  readonly createdAt: number
  readonly expiresAt: number | null
  readonly revokedAt: number | null
  /** To the minute. */
  readonly lastUsedAt: number | null
}

export function isUsable(key: ApiKey, at: number): boolean {
  return key.revokedAt === null && (key.expiresAt === null || key.expiresAt > at)
}
