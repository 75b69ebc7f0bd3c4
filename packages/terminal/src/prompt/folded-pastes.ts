const maxLines = 8
const maxCharacters = 800
const maxPastes = 100

/** Long pastes stand in the line as `[paste 1, 120 lines]`; what is sent holds them whole. */
export class FoldedPastes {
  readonly #texts = new Map<string, string>()
  #count = 0

  /** What the line shows for a paste: itself, or its mark. */
  fold(text: string): string {
    const lines = text.split('\n').length
    if (lines <= maxLines && text.length <= maxCharacters) return text
    const size = lines > 1 ? `${lines} lines` : `${text.length} characters`
    const mark = `[paste ${++this.#count}, ${size}]`
    this.#texts.set(mark, text)
    const [oldest] = this.#texts.keys()
    if (this.#texts.size > maxPastes && oldest !== undefined) this.#texts.delete(oldest)
    return mark
  }

  /** The text with every paste in its place. */
  unfold(text: string): string {
    return text.replace(/\[paste \d+, \d+ (?:lines|characters)\]/g, (mark) => this.#texts.get(mark) ?? mark)
  }

  /** The mark that ends `before`, if one does: it goes as one piece. */
  markAtEnd(before: string): string | undefined {
    for (const mark of this.#texts.keys()) if (before.endsWith(mark)) return mark
    return undefined
  }
}
