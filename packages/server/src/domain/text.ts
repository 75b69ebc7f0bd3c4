/** Text that any store and any provider takes: U+0000 and lone surrogates become U+FFFD. */
export function cleanText(text: string): string {
  return text.includes('\u0000') ? text.replaceAll('\u0000', '\uFFFD').toWellFormed() : text.toWellFormed()
}

/** `cleanText` for every string of a JSON value, keys too. */
export function cleanValue(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value)
  if (Array.isArray(value)) return value.map(cleanValue)
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [cleanText(key), cleanValue(field)]))
  }
  return value
}

/** The title a first message gives: trimmed, the first 500 characters, no surrogate pair split (PROTOCOL 9.2). */
export function titleFrom(content: string): string | null {
  const trimmed = content.trim()
  return trimmed === '' ? null : Array.from(trimmed.slice(0, 1000)).slice(0, 500).join('')
}
