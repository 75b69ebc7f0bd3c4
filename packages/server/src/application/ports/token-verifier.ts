/** Tells whose token it is. */
export interface TokenVerifier {
  /** Undefined for one that does not count: not signed by a known key, for somebody else, too old or too new. Never throws. */
  verify(token: string): Promise<VerifiedToken | undefined>
}

export interface VerifiedToken {
  /** Tells tokens apart; not the token. */
  readonly id: string
  readonly subject: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}
