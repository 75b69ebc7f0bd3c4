const SHOWN_CHARACTERS = 60

const WITHOUT_OR_WITH_SCHEME = '^([\\w+.-]*://|(?![\\w+.-]*://))'
const PASSWORD = new RegExp(`${WITHOUT_OR_WITH_SCHEME}([^:@/]*):(.*)@`, 's')

/** The text without a password in a URL, values of a query, or what looks like a provider's key: fit to be printed. */
export function withoutSecrets(text: string): string {
  return text
    .replace(PASSWORD, '$1$2:***@')
    .replace(/^(https?:\/\/)[^@/?#]*@/i, '$1***@')
    .replace(/([?&][^=&#]*)=[^&#]*/g, '$1=***')
    .replace(/\b(sk|key|pk)-[\w-]{8,}/g, '$1-***')
}

/** The text on one line, without characters that move a cursor or turn the direction of what follows. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, escaped)
}

/** A text that a person set, in quotes, cut when it is long, safe for a screen. */
export function quoted(text: string): string {
  const safe = withoutSecrets(text)
  const cut = safe.length > SHOWN_CHARACTERS ? `${safe.slice(0, SHOWN_CHARACTERS)}…` : safe
  return `"${printable(cut)}"`
}

function escaped(character: string): string {
  const short = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character]
  return short ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
