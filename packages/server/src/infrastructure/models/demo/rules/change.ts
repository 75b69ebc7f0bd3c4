import { contentOf, stringIn } from '../outcome.ts'
import { asPath, pattern, type Request } from '../request.ts'
import { call, fenced, lineCount, type Rule, type Script } from '../script.ts'
import { textsFor } from '../texts.ts'
import { type Edit, type Edited, edit } from './edit.ts'

const verbs = '(?:replace|change|substitute|rename|swap)'
const lineVerbs = '(?:replace|change|edit|update|set|make)'
const verbsRu = '(?:замени(?:те|ть)?|поменяй(?:те)?|измени(?:те|ть)?|исправь(?:те)?|переименуй(?:те)?|сделай(?:те)?)'
const to = '(?:with|to|by|as|into|->|→|=>)'
const fileEn = '(?:the\\s+)?(?:file\\s+)?FILE'
const fileRu = '(?:файл[еауы]?\\s+)?FILE'
const whatEn =
  '(?:all\\s+|every\\s+|(?:the\\s+)?(?:word|text|string|name|function|variable|class|occurrences\\s+of)\\s+)*'
const whatRu =
  '(?:все\\s+|всё\\s+|слово\\s+|текст\\s+|строку\\s+|фразу\\s+|имя\\s+|вхождения\\s+|каждое\\s+|везде\\s+)*'
const lineEn =
  '(?:the\\s+)?(?:line\\s+(?:number\\s+|no\\.?\\s*|#\\s*)?(?<line>\\d+)|(?<ordinal>\\p{L}+|\\d+(?:st|nd|rd|th))\\s+line)'
const lineRu =
  '(?:строк[уае]\\s+(?:номер\\s+|№\\s*|#\\s*)?(?<line>\\d+)|(?<ordinal>\\d+(?:-?\\p{L}{1,3})?|\\p{L}+)\\s+строк[уи])'

interface Form {
  readonly pattern: RegExp
  readonly kind: Edit['kind']
}

/** The groups are: a file where FILE stands (asked by name `file`), then the texts. */
const form = (kind: Edit['kind'], source: string): Form => ({
  kind,
  pattern: pattern(source.replace('FILE', '(?<file>FILE)')),
})

const forms: readonly Form[] = [
  form('line', `^in\\s+${fileEn},?\\s+(?:please,?\\s+)?${lineVerbs}\\s+${lineEn}\\s+${to}\\s*:?\\s*(?<new>.+)$`),
  form('line', `^${lineVerbs}\\s+${lineEn}\\s+(?:of|in)\\s+${fileEn}\\s+${to}\\s*:?\\s*(?<new>.+)$`),
  form('line', `^${lineVerbs}\\s+${lineEn}\\s+${to}\\s*:?\\s*(?<new>.+?)\\s+in\\s+${fileEn}[.!]?$`),
  form('line', `^в\\s+${fileRu},?\\s+(?:пожалуйста,?\\s+)?${verbsRu}\\s+${lineRu}\\s+на\\s*:?\\s*(?<new>.+)$`),
  form('line', `^${verbsRu}\\s+${lineRu}\\s+(?:(?:в|из)\\s+)?${fileRu}\\s+на\\s*:?\\s*(?<new>.+)$`),
  form('line', `^${verbsRu}\\s+${lineRu}\\s+на\\s*:?\\s*(?<new>.+?)\\s+в\\s+${fileRu}[.!]?$`),
  form('line', `^${verbsRu}\\s+в\\s+${fileRu}\\s+${lineRu}\\s+на\\s*:?\\s*(?<new>.+)$`),
  form('delete', `^in\\s+${fileEn},?\\s+(?:please,?\\s+)?(?:delete|remove|drop)\\s+${lineEn}[.!]?$`),
  form('delete', `^(?:delete|remove|drop)\\s+${lineEn}\\s+(?:of|in|from)\\s+${fileEn}[.!]?$`),
  form('delete', `^в\\s+${fileRu},?\\s+(?:пожалуйста,?\\s+)?(?:удали(?:те)?|убери(?:те)?)\\s+${lineRu}[.!]?$`),
  form('delete', `^(?:удали(?:те)?|убери(?:те)?)\\s+${lineRu}\\s+(?:(?:из|в)\\s+)?${fileRu}[.!]?$`),
  form(
    'replace',
    `^in\\s+${fileEn},?\\s+(?:please,?\\s+)?${verbs}\\s+${whatEn}(?<old>.+?)\\s+${to}\\s*:?\\s*(?<new>.+)$`,
  ),
  form('replace', `^${verbs}\\s+in\\s+${fileEn}\\s+${whatEn}(?<old>.+?)\\s+${to}\\s*:?\\s*(?<new>.+)$`),
  form('replace', `^${verbsRu}\\s+в\\s+${fileRu}\\s+${whatRu}(?<old>.+?)\\s+на\\s*:?\\s*(?<new>.+)$`),
  form('replace', `^${verbs}\\s+${whatEn}(?<old>.+?)\\s+in\\s+${fileEn}\\s+${to}\\s*:?\\s*(?<new>.+)$`),
  form('replace', `^${verbs}\\s+${whatEn}(?<old>.+?)\\s+${to}\\s+(?<new>.+?)\\s+in(?:side)?\\s+${fileEn}[.!]?$`),
  form(
    'replace',
    `^в\\s+${fileRu},?\\s+(?:пожалуйста,?\\s+)?${verbsRu}\\s+${whatRu}(?<old>.+?)\\s+на\\s*:?\\s*(?<new>.+)$`,
  ),
  form('replace', `^переименуй(?:те)?\\s+${whatRu}(?<old>.+?)\\s+в\\s+(?<new>.+?)\\s+в\\s+${fileRu}[.!]?$`),
  form('replace', `^${verbsRu}\\s+${whatRu}(?<old>.+?)\\s+в\\s+${fileRu}\\s+на\\s*:?\\s*(?<new>.+)$`),
  form('replace', `^${verbsRu}\\s+${whatRu}(?<old>.+?)\\s+на\\s+(?<new>.+?)\\s+в\\s+${fileRu}[.!]?$`),
  form(
    'append',
    `^(?:add|append)\\s+(?:(?:an?|the|new|this)\\s+)*(?:line|text|words?)\\s*:?\\s*(?<new>.+?)\\s+(?:to|at|in|into)\\s+(?:the\\s+end\\s+of\\s+)?${fileEn}[.!]?$`,
  ),
  form(
    'append',
    `^(?:add|append)\\s+(?<new>[\\ue000-\\ue0c7])\\s+(?:to|at|in|into)\\s+(?:the\\s+end\\s+of\\s+)?${fileEn}[.!]?$`,
  ),
  form('append', `^append\\s+(?<new>.+?)\\s+to\\s+${fileEn}[.!]?$`),
  form(
    'append',
    `^(?:add|append)\\s+to\\s+(?:the\\s+end\\s+of\\s+)?${fileEn}\\s*(?:the\\s+)?(?:line|text)?\\s*:?\\s*(?<new>.+)$`,
  ),
  form(
    'append',
    `^(?:добавь(?:те)?|допиши(?:те)?)\\s+(?:новую\\s+)?(?:строку|текст|слова?|фразу)\\s*:?\\s*(?<new>.+?)\\s+в\\s+(?:конец\\s+)?${fileRu}[.!]?$`,
  ),
  form('append', `^(?:добавь(?:те)?|допиши(?:те)?)\\s+(?<new>[\\ue000-\\ue0c7])\\s+в\\s+(?:конец\\s+)?${fileRu}[.!]?$`),
  form('append', `^допиши(?:те)?\\s+в\\s+(?:конец\\s+)?${fileRu}\\s*(?:строку|текст)?\\s*:?\\s*(?<new>.+)$`),
  form('append', `^(?:добавь(?:те)?)\\s+в\\s+(?:конец\\s+)?${fileRu}\\s+(?:строку|текст)\\s*:?\\s*(?<new>.+)$`),
]

/** The same wishes about the file that was spoken of before; "in it" is dropped first. */
const inIt =
  /\s+(?:in|to|from|of)\s+(?:it|there|this file|that file)(?=[.!]?$|\s)|(?:^|\s+)(?:в|из)\s+(?:н[её]м|него|этом файле|этот файл|этого файла|файле)(?=[.!]?$|[,\s])/iu

/** "Edit a.txt: replace …" is said as "in a.txt replace …". */
const opening = pattern(
  '^(?:edit|open|update|modify|измени(?:те)?|открой(?:те)?|исправь(?:те)?)\\s+(?:the\\s+)?(?:file\\s+|файл\\s+)?FILE\\s*[:,]\\s*(?:and\\s+|и\\s+)?',
)

/** Change a line, replace a text, add or delete a line. */
export const change: Rule = {
  name: 'change',
  agent: 'coder',
  match(request) {
    const preposition = request.language === 'ru' ? 'в' : 'in'
    const said = request.masked.replace(opening, (_, file: string) => `${preposition} ${file} `)
    const wish = wishIn(request, said) ?? wishAboutLast(request)
    return wish && carryOut(request, wish)
  },
}

interface Wish {
  readonly path: string
  readonly edit: Edit
}

function wishAboutLast(request: Request): Wish | undefined {
  const { masked, lastPath, paths } = request
  if (lastPath === undefined || paths.length > 0) return undefined
  const bare = masked.replace(inIt, '').replace(/^,?\s+/, '')
  const preposition = request.language === 'ru' ? 'в' : 'in'
  return wishIn(request, `${preposition} ${lastPath} ${bare}`) ?? wishIn(request, `${bare} ${preposition} ${lastPath}`)
}

function wishIn({ plain }: Request, masked: string): Wish | undefined {
  for (const { kind, pattern: expression } of forms) {
    const groups = expression.exec(masked)?.groups
    if (!groups) continue
    const path = asPath(plain(groups['file'] ?? ''))
    const made = editOf(kind, groups, plain)
    if (path !== undefined && made) return { path, edit: made }
  }
  return undefined
}

function editOf(
  kind: Edit['kind'],
  groups: Record<string, string | undefined>,
  plain: Request['plain'],
): Edit | undefined {
  const text = plain(groups['new'] ?? '')
  if (kind === 'append') return { kind, text }
  if (kind === 'replace') {
    const old = plain(groups['old'] ?? '')
    // "Change the version to 2" speaks of a thing, not of a text.
    return /^the\s/i.test(groups['old'] ?? '') ? undefined : { kind, old, text }
  }
  const line = lineNumber(groups['line'] ?? groups['ordinal'] ?? '')
  if (line === undefined) return undefined
  // What stands in quotes is meant exactly as it is written.
  const keepIndent = !/^[\ue000-\ue0c7]$/.test(groups['new']?.trim() ?? '')
  return kind === 'line' ? { kind, line, text, keepIndent } : { kind, line }
}

const ordinals: readonly RegExp[] = [
  /^(?:first|перв\p{L}+)$/iu,
  /^(?:second|втор\p{L}+)$/iu,
  /^(?:third|трет\p{L}+)$/iu,
  /^(?:fourth|четв[её]рт\p{L}+)$/iu,
  /^(?:fifth|пят\p{L}+)$/iu,
]

function lineNumber(text: string): number | 'last' | undefined {
  const number = Number.parseInt(text, 10)
  if (number > 0) return number
  if (/^(?:last|последн\p{L}+)$/iu.test(text)) return 'last'
  const place = ordinals.findIndex((ordinal) => ordinal.test(text))
  return place < 0 ? undefined : place + 1
}

function* carryOut(request: Request, { path, edit: wanted }: Wish): Script {
  const t = textsFor(request)
  const outcome = yield* call('read_file', { path }, { say: t.looking })
  if (outcome.cut) return t.tooLarge(path)
  const content = contentOf(outcome)
  const edited: Edited = edit(content, wanted)
  if (edited.state === 'missing') {
    return wanted.kind === 'replace'
      ? t.notFoundInFile(wanted.old, path)
      : t.noSuchLine(edited.line ?? 0, path, t.lines(lineCount(content)))
  }
  if (edited.state === 'same') return t.sameText
  const places = t.times(edited.places)
  const written = yield* call('write_file', { path, content: edited.content }, { say: t.replacing(path, places) })
  if (written.ran) return t.writtenAsEdited(stringIn(written.ran, 'path') || path)
  return `${t.changed(path, places)}

${fenced(edited.diff, 'diff', 20, 200)}`
}
