import type { HighlighterCore, LanguageInput } from '@shikijs/core'

/** A piece of a line with the class of its kind; the colours are tokens of the look. */
export interface CodePiece {
  readonly text: string
  readonly kind: string | undefined
}

const grammars: Readonly<Record<string, () => Promise<{ default: LanguageInput }>>> = {
  typescript: () => import('@shikijs/langs/typescript'),
  tsx: () => import('@shikijs/langs/tsx'),
  javascript: () => import('@shikijs/langs/javascript'),
  json: () => import('@shikijs/langs/json'),
  python: () => import('@shikijs/langs/python'),
  go: () => import('@shikijs/langs/go'),
  rust: () => import('@shikijs/langs/rust'),
  java: () => import('@shikijs/langs/java'),
  dart: () => import('@shikijs/langs/dart'),
  sql: () => import('@shikijs/langs/sql'),
  yaml: () => import('@shikijs/langs/yaml'),
  markdown: () => import('@shikijs/langs/markdown'),
  html: () => import('@shikijs/langs/html'),
  css: () => import('@shikijs/langs/css'),
  bash: () => import('@shikijs/langs/bash'),
  diff: () => import('@shikijs/langs/diff'),
}

const aliases: Readonly<Record<string, string>> = {
  ts: 'typescript',
  mts: 'typescript',
  cts: 'typescript',
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  jsx: 'tsx',
  py: 'python',
  rs: 'rust',
  yml: 'yaml',
  md: 'markdown',
  sh: 'bash',
  shell: 'bash',
  zsh: 'bash',
  htm: 'html',
  jsonc: 'json',
}

/** The grammar for a name after a fence or for a path; undefined: none is known. */
export function languageOf(nameOrPath: string): string | undefined {
  const name = nameOrPath.slice(nameOrPath.lastIndexOf('.') + 1).toLowerCase()
  const language = (Object.hasOwn(aliases, name) ? aliases[name] : undefined) ?? name
  return Object.hasOwn(grammars, language) ? language : undefined
}

/** Longer code stays plain: colours are not worth a page that stands still. */
const longest = 60_000

const kinds: readonly (readonly [string, string])[] = [
  ['comment', 'c'],
  ['string', 'g'],
  ['constant.numeric', 'n0'],
  ['constant.language', 'k'],
  ['keyword', 'k'],
  ['storage', 'k'],
  ['entity.name.function', 'f'],
  ['support.function', 'f'],
  ['entity.name.tag', 'k'],
  ['markup.heading', 'k'],
  ['entity.name.section', 'k'],
]

let highlighter: Promise<HighlighterCore> | undefined

async function load(): Promise<HighlighterCore> {
  const [{ createHighlighterCore }, { createJavaScriptRegexEngine }] = await Promise.all([
    import('@shikijs/core'),
    import('@shikijs/engine-javascript'),
  ])
  const settings = kinds.map(([scope], index) => ({ scope, settings: { foreground: colourOf(index) } }))
  return createHighlighterCore({
    engine: createJavaScriptRegexEngine({ forgiving: true }),
    themes: [{ name: 'codelab', type: 'light', fg: '#000000', bg: '#ffffff', settings }],
    langs: [],
  })
}

/** A colour that stands for a kind: the grammar engine knows colours only. */
function colourOf(index: number): string {
  return `#0000${(index + 1).toString(16).padStart(2, '0')}`
}

function kindOf(colour: string | undefined): string | undefined {
  return colour === undefined ? undefined : kinds[Number.parseInt(colour.slice(5, 7), 16) - 1]?.[1]
}

/** One text at a time, when the page has nothing else to do. */
let turn: Promise<unknown> = Promise.resolve()

function whenIdle(): Promise<void> {
  if (typeof requestIdleCallback === 'undefined') return Promise.resolve()
  return new Promise((resolve) => requestIdleCallback(() => resolve(), { timeout: 2000 }))
}

/** The lines of the code with their kinds; undefined where it stays plain. */
export function highlight(code: string, language: string): Promise<readonly (readonly CodePiece[])[] | undefined> {
  const mine = turn.then(whenIdle).then(() => highlightNow(code, language))
  turn = mine.catch(() => undefined)
  return mine
}

async function highlightNow(code: string, language: string): Promise<readonly (readonly CodePiece[])[] | undefined> {
  const grammar = grammars[language]
  if (!grammar || code.length > longest) return undefined
  highlighter ??= load()
  const core = await highlighter
  if (!core.getLoadedLanguages().includes(language)) await core.loadLanguage((await grammar()).default)
  const { tokens } = core.codeToTokens(code, { lang: language, theme: 'codelab' })
  return tokens.map((line) => line.map(({ content, color }) => ({ text: content, kind: kindOf(color?.toLowerCase()) })))
}
