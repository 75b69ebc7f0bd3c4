/** Who gives out and signs the tokens of people: asked on behalf of clients that know this server only. Failures are RuntimeErrors that tell
 *  nothing of where it is. */
export interface AuthService {
  /** A form for a token, as the client wrote it. */
  token(form: TokenForm): Promise<AuthAnswer>
  /** The public keys that tokens are signed with (JWKS). */
  keys(): Promise<AuthAnswer>
}

export interface TokenForm {
  readonly body: Uint8Array
  readonly contentType: string
  /** What the client proves itself with, where it does so in a header. */
  readonly authorization: string | undefined
  /** Addresses that the form came through, so that tries can be counted by their origin. */
  readonly forwardedFor: string
}

/** What it said, below 500; bytes as they came. */
export interface AuthAnswer {
  readonly status: number
  /** `content-type` and those that say when to try again, how long it holds, how to prove oneself. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}
