import { isObject, numberIn, stringIn, type ToolOutcome } from '../outcome.ts'
import type { Request } from '../request.ts'
import { call, type Rule, type Script } from '../script.ts'
import { textsFor } from '../texts.ts'

const used = '(?:used|defined|called|declared|mentioned|implemented|located|imported|referenced|set|created)'
const what = '(?:function|class|variable|method|constant|type|interface|component|word|text|string|name|symbol)'
const english = [
  new RegExp(`\\bwhere\\s+(?:the\\s+|a\\s+)?(?:${what}\\s+)?(.+?)\\s+(?:is|are|gets?)\\s+${used}[?.!]*$`, 'is'),
  new RegExp(
    `\\bwhere(?:'s|’s|\\s+is|\\s+are|\\s+was|\\s+does|\\s+do|\\s+did|\\s+can)\\s+(?:we|i|you|they)?\\s*(?:use|call|define|find|set|see|import)?\\s*(?:the\\s+|a\\s+)?(?:${what}\\s+)?(.+?)(?:\\s+(?:being\\s+)?${used}.*)?[?.!]*$`,
    'is',
  ),
  new RegExp(
    `\\b(?:uses|usages|occurrences|references|mentions|callers)\\s+(?:of|to)\\s+(?:the\\s+)?(?:${what}\\s+)?(.+?)(?:\\s+in\\s+(?:the|this|my)\\s+\\w+)?[?.!]*$`,
    'is',
  ),
  new RegExp(
    `\\b(?:who|what|which files?)\\s+(?:uses?|calls?|imports?|mentions?)\\s+(?:the\\s+)?(?:${what}\\s+)?(.+?)[?.!]*$`,
    'is',
  ),
  new RegExp(
    `^(?:find|search(?:\\s+for)?|grep(?:\\s+for)?|look\\s+for)\\s+(?:the\\s+)?(?:${what}\\s+)?(.+?)(?:\\s+in\\s+(?:the|this|my|all)\\s+[\\w ]+)?[?.!]*$`,
    'is',
  ),
]
const whatRussian =
  '(?:функци[яию]|класс[а]?|переменн(?:ая|ую|ой)|метод[а]?|константа|константу|тип[а]?|слов[оа]|текст[а]?|строк[ау]|им[яени]+)'
const usedRussian =
  '(?:использу\\p{L}*|определ\\p{L}*|вызыва\\p{L}*|объявл\\p{L}*|встреча\\p{L}*|упомина\\p{L}*|находится|находятся|применя\\p{L}*|лежит|импортиру\\p{L}*|реализ\\p{L}*|зада\\p{L}*)'
const russian = [
  new RegExp(`^в\\s+каких\\s+(?:файлах|местах)\\s+${usedRussian}\\s+(?:${whatRussian}\\s+)?(.+?)[?.!]*$`, 'isu'),
  new RegExp(
    `(?:^|\\s)где\\s+(?:мы\\s+|у нас\\s+|в проекте\\s+|в коде\\s+)?${usedRussian}\\s+(?:${whatRussian}\\s+)?(.+?)[?.!]*$`,
    'isu',
  ),
  new RegExp(`(?:^|\\s)где\\s+(?:${whatRussian}\\s+)?(.+?)\\s+${usedRussian}[?.!]*$`, 'isu'),
  new RegExp(
    `^(?:кто|что|какие файлы)\\s+(?:использу\\p{L}+|вызыва\\p{L}+|импортиру\\p{L}+)\\s+(?:${whatRussian}\\s+)?(.+?)[?.!]*$`,
    'isu',
  ),
  new RegExp(
    `^(?:найди(?:те)?|найти|поищи|ищи|отыщи)\\s+(?:в\\s+(?:коде|проекте|файлах)\\s+)?(?:мне\\s+)?(?:все\\s+)?(?:вхождения|использования|упоминания|места,?\\s+где\\s+использу\\p{L}+|где\\s+${usedRussian})?\\s*(?:${whatRussian}\\s+)?(.+?)(?:\\s+в\\s+(?:коде|проекте|файлах))?[?.!]*$`,
    'isu',
  ),
]
/** Things that are not a text to search for. */
const notAQuery =
  /^(?:an?|the|files?|where|файлы?|где|this|that|it|my|our|what|why|out|bugs?|errors?|problems?|ошибк\p{L}*|баг\p{L}*|проблем\p{L}*|причин\p{L}*|почему|как)(?:\s|$)/iu
const longestQuery = 200

/** Where is X used, defined, mentioned. */
export const search: Rule = {
  name: 'search',
  agent: 'ask',
  match(request) {
    const query = queryIn(request)
    return query === undefined ? undefined : find(request, query)
  },
}

function queryIn({ masked, language, plain }: Request): string | undefined {
  for (const pattern of language === 'ru' ? russian : english) {
    const piece = pattern.exec(masked)?.[1]?.trim()
    if (piece === undefined || piece === '') continue
    const query = plain(piece).replace(/\(\)$/, '').trim()
    const isQuoted = piece.length === 1 && query !== piece
    if (query === '' || query.length > longestQuery || query.includes('\n')) continue
    if (isQuoted || (!notAQuery.test(query) && query.split(/\s+/).length <= 3)) return query
  }
  return undefined
}

function* find(request: Request, query: string): Script {
  const t = textsFor(request)
  const outcome = yield* call('search_in_code', { query })
  const matches = matchesOf(outcome)
  const total = Math.max(matches.length, numberIn(outcome.data, 'total_matches', 'total') ?? 0)
  if (total === 0) return t.nothingFound(query)
  const lines = matches.slice(0, mostShown)
  if (total > lines.length) lines.push(t.more(total - lines.length))
  const more = outcome.cut ? `\n\n${t.foundMore}` : ''
  return `${t.found(query, t.times(total))}\n\n${lines.map((line) => `- ${line}`).join('\n')}${more}`
}

const mostShown = 20
const longestShown = 160

function matchesOf({ data, text }: ToolOutcome): string[] {
  const { matches } = data
  if (Array.isArray(matches)) return matches.flatMap((match: unknown) => (isObject(match) ? [shown(match)] : []))
  return text.split('\n').flatMap((line) => {
    const [, path, number, found = ''] = /^(.+?):(\d+):\s?(.*)$/.exec(line.trim()) ?? []
    return path === undefined ? [] : [place(path, number, found)]
  })
}

function shown(match: Readonly<Record<string, unknown>>): string {
  const path = stringIn(match, 'path', 'file', 'file_path', 'filename')
  const text = stringIn(match, 'text', 'content', 'line_text', 'line_content', 'preview', 'match', 'snippet', 'line')
  return place(path, String(numberIn(match, 'line', 'line_number', 'lineNumber') ?? ''), text)
}

function place(path: string, line: string | undefined, text: string): string {
  const where = line ? `${path}:${line}` : path
  const found = text.trim().replaceAll('`', "'").slice(0, longestShown)
  return found === '' ? `\`${where}\`` : `\`${where}\`  ${`\`${found}\``}`
}
