const replacement = '\ufffd'

/** U+0000 and lone surrogates become U+FFFD: no store takes the first, no encoder the second. */
export function cleanText(text: string): string {
  const whole = text.toWellFormed()
  return whole.includes('\0') ? whole.replaceAll('\0', replacement) : whole
}

/** `cleanText` for text that arrives in pieces: a surrogate pair may be split between two of them. */
export class TextCleaner {
  #high = ''

  clean(piece: string): string {
    let text = this.#high === '' ? piece : this.#high + piece
    this.#high = ''
    const last = text.charCodeAt(text.length - 1)
    if (last >= 0xd800 && last <= 0xdbff) {
      this.#high = text.slice(-1)
      text = text.slice(0, -1)
    }
    return cleanText(text)
  }

  /** What was held back and found no partner. */
  end(): string {
    const rest = this.#high === '' ? '' : replacement
    this.#high = ''
    return rest
  }
}
