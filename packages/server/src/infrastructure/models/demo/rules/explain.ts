import { languageOfFile, type OutlineEntry, type OutlineKind, outlineOf } from '../languages.ts'
import { contentOf, type ToolOutcome } from '../outcome.ts'
import type { Request } from '../request.ts'
import { call, fenced, lineCount, type Rule, type Script } from '../script.ts'
import { type Texts, textsFor } from '../texts.ts'

const verbs = {
  en: /\b(?:explain|describe|summari[sz]e|read|show|open|outline|what|tell|how|look|review|walk|cat|view|print|display|go through|about|purpose)\b/i,
  ru: /(?:объясни|опиши|прочита|прочти|покажи|открой|расскажи|что|о ч[её]м|разбер|посмотри|изучи|как|для чего|зачем|выведи|содержимое)/iu,
}
const wantsText = {
  en: /\b(?:read|show|open|cat|view|print|display)\b|\bwhat(?:'s| is)\s+in\b/i,
  ru: /(?:прочита|прочти|покажи|открой|выведи|содержимое)|что\s+(?:в|лежит|находится|написано)(?![\p{L}])/iu,
}
const thisFile = /\b(?:it|this file|that file|the file)\b|этот файл|этом файле|его(?![\p{L}])/iu

/** Explain one file, or show it. */
export const explain: Rule = {
  name: 'explain',
  agent: 'ask',
  match(request) {
    const { masked, language, paths, plain, lastPath } = request
    const [path] = paths
    if (path !== undefined) {
      const only = plain(masked).replace(/[?!.]+$/, '') === path
      return only || verbs[language].test(masked) ? read(request, path) : undefined
    }
    return lastPath !== undefined && verbs[language].test(masked) && thisFile.test(masked)
      ? read(request, lastPath)
      : undefined
  },
}

function* read(request: Request, path: string): Script {
  const outcome = yield* call('read_file', { path })
  return describeFile(textsFor(request), path, outcome, wantsText[request.language].test(request.masked))
}

/** A file in a few lines: kind, size, outline, and its text where that was asked for. */
export function describeFile(t: Texts, path: string, outcome: ToolOutcome, withText: boolean): string {
  const content = contentOf(outcome)
  if (content.trim() === '') return t.emptyFile(path)
  const language = languageOfFile(path)
  const parts = [t.fileIs(path, language?.name ?? t.plainText, t.lines(lineCount(content)))]
  const comment = language?.comment === undefined ? '' : headComment(content, language.comment)
  if (comment !== '') parts.push(`${t.itSaysOfItself}: «${comment}»`)
  const { entries, imports } = language ? outlineOf(language, content) : { entries: [], imports: [] }
  const outline = entries.length > 0 ? sectionsOf(t, entries) : ''
  if (outline !== '') parts.push(outline)
  if (imports.length > 0)
    parts.push(
      `${t.imports}: ${listed(
        t,
        imports.map((name) => `\`${name}\``),
      )}`,
    )
  const fence = language?.name === 'C/C++' ? 'cpp' : (language?.endings[0] ?? '')
  if (withText) parts.push(fenced(content, fence))
  else if (entries.length === 0) parts.push(`${t.beginsWith}\n\n${fenced(content, fence, 10)}`)
  if (outcome.cut) parts.push(t.partly)
  if (!withText && language && language.name !== 'Markdown') parts.push(t.noUnderstanding)
  return parts.join('\n\n')
}

const mostListed = 20
const kinds: readonly OutlineKind[] = ['heading', 'class', 'type', 'function', 'key', 'target', 'selector']

function sectionsOf(t: Texts, entries: readonly OutlineEntry[]): string {
  return kinds
    .flatMap((kind) => {
      const names = entries
        .filter((entry) => entry.kind === kind)
        .map(({ name, line }) => `\`${name}\` (${t.atLine(line)})`)
      return names.length > 0 ? [`- ${t.outline[kind]}: ${listed(t, names)}`] : []
    })
    .join('\n')
}

function listed(t: Texts, names: readonly string[]): string {
  const rest = names.length - mostListed
  return names.slice(0, mostListed).join(', ') + (rest > 0 ? ` ${t.more(rest)}` : '')
}

// The comment at the head of a file, one sentence or two of it.
function headComment(content: string, mark: string): string {
  const lines = content.split(/\r?\n/, 30).filter((line) => !line.startsWith('#!'))
  const block = /^\s*(?:\/\*+|"""|''')\s*([\s\S]*?)(?:\*\/|"""|''')/.exec(lines.join('\n'))?.[1]
  const end = lines.findIndex((line) => !line.trim().startsWith(mark))
  const text = block ?? lines.slice(0, end < 0 ? lines.length : end).join('\n')
  return text
    .split('\n')
    .map((line) => line.trim().replace(/^(?:\/\/+|#+|--|\*)\s?/, ''))
    .join(' ')
    .trim()
    .slice(0, 300)
}
