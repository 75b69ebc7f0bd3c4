import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const escapeSequence = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b[\]P_^X][^\u0007\u001b\n]*(?:\u0007|\u001b\\)/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
const colourSequence = /^\u001b\[[0-9;]*m$/
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const controls = /[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is shown
const hidden = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** What a model or a tool said, without anything that moves the cursor or draws: escape sequences, control characters, direction overrides.
 *  With `colour` the sequences that only colour stay. */
export function clean(text: string, options: { colour?: boolean } = {}): string {
  const lines = text.replace(/\r\n?/g, '\n')
  const bare = lines.replace(escapeSequence, (found) => (options.colour && colourSequence.test(found) ? found : ''))
  const safe = bare.replace(controls, '')
  // An escape that begins no known sequence is dropped alone.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for
  return options.colour ? safe.replace(/\u001b(?!\[[0-9;]*m)/g, '') : safe.replace(/\u001b/g, '')
}

/** Text for a decision: what would be invisible is written out (`\x1b`, `\u202e`), so that a person sees what is really there. */
export function reveal(text: string): string {
  return text.replace(/\r\n/g, '\n').replace(hidden, (character) => {
    if (character === '\t') return '    '
    const code = character.charCodeAt(0)
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
  })
}

export function widthOf(text: string): number {
  return stringWidth(text)
}

/** The characters a person sees, one by one. */
export function splitGraphemes(text: string): string[] {
  return Array.from(graphemes.segment(text), (part) => part.segment)
}

/** At most `width` columns; a text that is longer ends with `mark`. Colour sequences do not count and are never cut. */
export function cut(text: string, width: number, mark = '…'): string {
  const plain = !text.includes('\u001b')
  const short = plain && text.length > width * 16 ? text.slice(0, width * 16) : text
  if (short === text && stringWidth(text) <= width) return text
  const room = Math.max(0, width - stringWidth(mark))
  let used = 0
  let full = false
  let result = ''
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour sequences are what is looked for
  for (const piece of short.split(/(\u001b\[[0-9;]*m)/)) {
    if (piece.startsWith('\u001b')) result += piece
    else if (!full) {
      for (const character of splitGraphemes(piece)) {
        const next = used + stringWidth(character)
        if (next > room) {
          full = true
          result += mark
          break
        }
        used = next
        result += character
      }
    }
  }
  return full || short === text ? result : result + mark
}

/** Cut at the left, where the end of a text (a path) says more. */
export function cutStart(text: string, width: number, mark = '…'): string {
  if (stringWidth(text) <= width) return text
  const characters = splitGraphemes(text)
  let result = ''
  while (characters.length > 0) {
    const last = characters.pop() ?? ''
    if (stringWidth(mark + last + result) > width) break
    result = last + result
  }
  return mark + result
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)))
}

/** `left` at the left edge, `right` at the right one; `left` is cut where both do not fit. */
export function spread(left: string, right: string, width: number, mark = '…'): string {
  const rightWidth = stringWidth(right)
  if (rightWidth === 0) return cut(left, width, mark)
  if (rightWidth + 4 > width) return cut(right, width, mark)
  const shown = cut(left, width - rightWidth - 2, mark)
  return padEnd(shown, width - rightWidth) + right
}

/** Lines of at most `width` columns, broken at words; a word that is longer is broken too. */
export function wrap(text: string, width: number): string[] {
  return wrapAnsi(text, Math.max(8, width), { hard: true }).split('\n')
}

/** `41 ms`, `6.3 s`, `12 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 600_000) return `${(ms / 1000).toFixed(1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`
}

/** `0:42`, `1:02:03`. */
export function clock(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const tail = `${Math.floor((seconds % 3600) / 60)}:${String(seconds % 60).padStart(2, '0')}`
  return seconds < 3600 ? tail : `${Math.floor(seconds / 3600)}:${tail.padStart(5, '0')}`
}

/** `950`, `110.5k`, `2.1M`. */
export function amount(count: number): string {
  if (count < 1000) return String(count)
  return count < 1_000_000 ? `${(count / 1000).toFixed(1)}k` : `${(count / 1_000_000).toFixed(1)}M`
}

export function plural(count: number, word: string): string {
  return `${count.toLocaleString('en-US')} ${word}${count === 1 ? '' : 's'}`
}
