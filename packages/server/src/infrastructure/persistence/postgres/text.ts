// PostgreSQL keeps no U+0000, and UTF-8 no half of a surrogate pair. What people and models write may hold both, and comes back as it was:
// each of them stands as U+0010 ("data link escape") and its four digits, and so does a U+0010 itself.

const mark = '\u0010'
const unkeepable =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it looks for.
  /[\u0000\u0010]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
const escaped = /\u0010([0-9a-f]{4})/g

/** As PostgreSQL can keep it. */
export function toKept(text: string): string {
  if (text.isWellFormed() && !text.includes('\0') && !text.includes(mark)) return text
  return text.replace(unkeepable, (unit) => mark + unit.charCodeAt(0).toString(16).padStart(4, '0'))
}

/** As it was given. */
export function fromKept(text: string): string {
  if (!text.includes(mark)) return text
  return text.replace(escaped, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
}
