export type Language = 'en' | 'ru'

/** What a person asked, taken apart so that rules can look at it. */
export interface Request {
  /** Without surrounding space and without words of politeness at its head. */
  readonly text: string
  /** The text with every quotation (quotes, backticks, fences) as one sign, so that words inside are not taken for words of the request. */
  readonly masked: string
  /** Too long to be looked at; nothing is in `masked` then. */
  readonly tooLong: boolean
  readonly language: Language
  /** Files that are named, in order, each once. */
  readonly paths: readonly string[]
  /** The file that the conversation was last about. */
  readonly lastPath?: string
  /** A piece of the masked text as it was written; a quotation that stands alone loses its quotes. */
  plain(piece: string): string
}

/** Longest request that rules look at, long quotations not counted. */
const longestMasked = 8000
const quotations =
  /```[^\n`]*\n[\s\S]*?```|`[^`\n]+`|«[^»\n]*»|“[^”\n]*”|„[^“”\n]*[“”]|"[^"\n]*"|(?<![\p{L}\p{N}])'[^'\n]*'(?![\p{L}\p{N}])/gu
/** What a client adds behind a message for the model; not the person's words. */
const notes = /(?:\n\n<note>\n[\s\S]*<\/note>)\s*$/
// Private use: one sign for each quotation.
const firstSign = 0xe000
const mostQuotations = 200
const sign = /[\ue000-\ue0c7]/g
const politeness =
  /^(?:(?:please|pls|hey|hi|hello|ok|okay|now|can you|could you|would you|will you|i want you to|i would like you to|let's|let us|пожалуйста|привет|слушай|теперь|а|ну|можешь|можете|не мог бы ты|не могли бы вы|давай|давайте|прошу)(?:[,!.:]\s*|\s+))+/iu

/** Reads a message of a person. */
export function readRequest(message: string, lastPath?: string): Request {
  const text = message.replaceAll('\r\n', '\n').replace(notes, '').trim().replace(politeness, '')
  const quoted: string[] = []
  const whole = text.replace(sign, ' ').replace(quotations, (quotation) => {
    if (quoted.length >= mostQuotations) return quotation
    quoted.push(quotation)
    return String.fromCharCode(firstSign + quoted.length - 1)
  })
  const tooLong = whole.length > longestMasked
  const masked = tooLong ? '' : whole
  const original = (found: string) => quoted[found.charCodeAt(0) - firstSign] ?? ''
  const plain = (piece: string) => {
    const trimmed = piece.trim()
    return /^[\ue000-\ue0c7]$/.test(trimmed) ? unquoted(original(trimmed)) : trimmed.replace(sign, original)
  }
  const tokens = (masked.match(/[\ue000-\ue0c7]|[^\s,;()\ue000-\ue0c7]+/gu) ?? []).map((token) => asPath(plain(token)))
  const paths = [...new Set(tokens.filter((token) => token !== undefined))]
  const language = languageOf(paths.reduce((rest, path) => rest.replaceAll(path, ' '), whole))
  return { text, masked, tooLong, language, paths, plain, ...(lastPath === undefined ? {} : { lastPath }) }
}

/** Files that people name without their extension, or that have none. */
const knownNames: ReadonlyMap<string, string> = new Map([
  ...['LICENSE', 'Makefile', 'Dockerfile', 'Procfile'].map((name): [string, string] => [name, name]),
  ...['README', 'Readme', 'readme'].map((name): [string, string] => [name, 'README.md']),
  ...['CHANGELOG', 'changelog'].map((name): [string, string] => [name, 'CHANGELOG.md']),
  ['makefile', 'Makefile'],
  ['dockerfile', 'Dockerfile'],
])
const notPaths: ReadonlySet<string> = new Set([
  'e.g',
  'i.e',
  'т.е',
  'т.д',
  'т.п',
  'node.js',
  'vue.js',
  'next.js',
  'asp.net',
])
const fileShape = /^[^:*?"<>|\n\ue000-\ue0c7]*\.\p{L}[\p{L}\p{N}_-]{0,14}$/u

/** The path that a word names: with an extension, or a name that projects use without one. */
export function asPath(word: string): string | undefined {
  const bare = word.replace(/^[([{]+|[\])}.,:;!?]+$/g, '')
  const known = knownNames.get(bare)
  if (known) return known
  if (bare.length > 300 || notPaths.has(bare.toLowerCase()) || /^[a-z]+:\/\//i.test(bare)) return undefined
  return fileShape.test(bare) ? bare.replace(/^\.\//, '') : undefined
}

function languageOf(text: string): Language {
  return /\p{Script=Cyrillic}/u.test(text) ? 'ru' : 'en'
}

function unquoted(quotation: string): string {
  if (quotation.startsWith('```')) return quotation.replace(/^```[^\n]*\n/, '').replace(/\n?```$/, '')
  return quotation.slice(1, -1)
}

/** Fills FILE into a pattern: one quotation, or one word. */
export function pattern(source: string): RegExp {
  return new RegExp(source.replaceAll('FILE', '([\\ue000-\\ue0c7]|[^\\s,;\\ue000-\\ue0c7]+?)'), 'isu')
}
