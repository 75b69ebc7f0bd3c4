/** Where identifiers come from. */
export interface Ids {
  /** A UUID v4: sessions, whose ids must not tell when they were made. */
  session(): string
  /** A UUID v7: everything else, so that an index grows at its end. */
  next(): string
  /** What nobody can guess: 256 random bits, in letters that any header carries. */
  secret(): string
  /** SHA-256 of the text, in hex. */
  digest(text: string): string
}
