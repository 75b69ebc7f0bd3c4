import { languageOfFile, languages, startOf } from '../languages.ts'
import { filesOf, stringIn } from '../outcome.ts'
import { asPath, pattern, type Request } from '../request.ts'
import { call, freeName, lineCount, type Rule, type Script } from '../script.ts'
import { textsFor } from '../texts.ts'

const verb =
  /^(?:create|make|write|add|generate|start|new|save|put|store|созда(?:й|йте|ть)|сдела(?:й|йте|ть)|напиши(?:те)?|добавь(?:те)?|сгенерируй(?:те)?|заведи(?:те)?|запиши(?:те)?|сохрани(?:те)?|положи(?:те)?)(?![\p{L}])/iu
const noun = /\b(?:file|script|document|note|notes|page|module)\b|(?:файл|скрипт|документ|заметк|страниц|модул)/iu
/** The file stands right behind the verb, at most with an article and an adjective or two before it. */
const directly =
  /^\p{L}+\s+(?:me\s+|мне\s+)?(?:(?:an?|the|new|empty|small|simple|short|новый|новую|пустой|пустую|простой)\s+)*([^\s,;:]+)/iu
const contentAfter = [
  /\s+(?:with|containing|having)\s+(?:(?:the|this|a|following)\s+)*(?:(?:text|contents?|words?|line|body)(?![\p{L}])\s*)?:?\s*([\s\S]+)$/iu,
  /\s+(?:that|which|and\s+it\s+should|it\s+should)\s+(?:says?|contains?|reads?|holds?)\s*:?\s*([\s\S]+)$/iu,
  /\s+saying\s*:?\s*([\s\S]+)$/iu,
  /\s+and\s+(?:write|put|add)\s+([\s\S]+?)\s+(?:in(?:to|side)?|to)\s+(?:it|there)[.!]?$/iu,
  /\s+and\s+(?:write|put)\s+(?:in(?:to)?\s+it|there)\s*:?\s*([\s\S]+)$/iu,
  /\s+(?:с|со)\s+(?:таким\s+|следующим\s+)?(?:текстом|содержимым|содержанием|словами|словом|строкой|надписью|фразой)\s*:?\s*([\s\S]+)$/iu,
  /[,\s]+(?:в\s+котором|где)\s+(?:будет\s+)?(?:написано|записано|текст)\s*:?\s*([\s\S]+)$/iu,
  /\s+и\s+(?:напиши|запиши|положи|добавь)\s+(?:в\s+него|в\s+нём|туда|там)\s*:?\s*([\s\S]+)$/iu,
  /:\s+([\s\S]+)$|:\n([\s\S]+)$/u,
]
const printing =
  /\s+(?:that|which|to)\s+(?:prints?|outputs?|says|logs?)\s+([\s\S]+)$|[,\s]+(?:котор(?:ый|ая)|чтобы)\s+(?:печата|вывод|пиш)\p{L}*\s+([\s\S]+)$/iu
const folderIn =
  /\b(?:in|inside|into)\s+(?:the\s+)?(?:folder|directory)\s+([^\s,;:]+)|\s(?:in|into)\s+([^\s,;:]+\/)(?=$|\s)|в\s+(?:папк[еу]|каталог[е]?|директори[ию])\s+([^\s,;:]+)/iu
const notCreated =
  /\b(?:function|class|method|test|tests|component|widget|feature|endpoint)\b|функци|класс|метод|тест|компонент|виджет/iu

/** "Write X to a file": what is written comes first, or behind the file. */
const writing = [
  pattern(
    `^(?:write|save|put|store|запиши(?:те)?|сохрани(?:те)?|положи(?:те)?|напиши(?:те)?)\\s+(?:(?:the|this|text|слова?|текст|строку)\\s+)*(?<content>.+?)\\s+(?:to|in|into|as|в|как)\\s+(?:an?\\s+|the\\s+)?(?:new\\s+|новый\\s+)?(?:file\\s+|файл\\s+)?(?<file>FILE)[.!]?$`,
  ),
  pattern(
    `^(?:запиши(?:те)?|напиши(?:те)?|сохрани(?:те)?)\\s+в\\s+(?:новый\\s+)?(?:файл\\s+)?(?<file>FILE)\\s*:?\\s+(?:(?:текст|слова?|строку)\\s*:?\\s+)?(?<content>.+)$`,
  ),
]

interface Wish {
  readonly path: string
  readonly wasNamed: boolean
  readonly content: string
}

/** Create a file, with and without a name. */
export const create: Rule = {
  name: 'create',
  agent: 'coder',
  match(request) {
    const wish = wishIn(request)
    return wish && write(request, wish)
  },
}

function wishIn(request: Request): Wish | undefined {
  const { masked, plain } = request
  if (!verb.test(masked)) return undefined
  for (const expression of writing) {
    const { file, content } = expression.exec(masked)?.groups ?? {}
    const path = asPath(plain(file ?? ''))
    if (path !== undefined && content !== undefined) return { path, wasNamed: true, content: `${plain(content)}\n` }
  }
  const { head, content, prints } = divided(request)
  const behindVerb = asPath(plain(directly.exec(head)?.[1] ?? ''))
  if (behindVerb === undefined && (!noun.test(head) || notCreated.test(withoutPaths(head, plain)))) return undefined
  const named = behindVerb ?? pathIn(head, plain)
  const language = languages.find(({ words }) => words?.test(head))
  const folder = plain(folderIn.exec(head)?.slice(1).find(Boolean) ?? '').replace(/\/+$/, '')
  const name = named ?? (language ? `main.${language.endings[0]}` : 'notes.md')
  const path = folder !== '' && !name.includes('/') ? `${folder}/${name}` : name
  return { path, wasNamed: named !== undefined, content: contentFor(request, path, content, prints) }
}

function withoutPaths(head: string, plain: Request['plain']): string {
  return head
    .split(/\s+/)
    .filter((word) => asPath(plain(word)) === undefined)
    .join(' ')
}

function pathIn(head: string, plain: Request['plain']): string | undefined {
  const words = head.match(/[\ue000-\ue0c7]|[^\s,;:()\ue000-\ue0c7]+/gu) ?? []
  const path = words.map((word) => asPath(plain(word))).find((found) => found !== undefined)
  if (path !== undefined) return path
  // "a file called notes": a name without an ending is a name when somebody says so.
  const called =
    /\b(?:called|named)\s+([^\s,;:]+)|(?:под\s+названием|с\s+именем|с\s+названием|по\s+имени)\s+([^\s,;:]+)/iu.exec(
      head,
    )
  const name = plain(called?.[1] ?? called?.[2] ?? '').replace(/[.!?]+$/, '')
  return name === '' || name.length > 200 ? undefined : name
}

/** The head names the file; what comes after it is what stands in the file, or what a program prints. */
function divided({ masked, plain }: Request): { head: string; content?: string; prints?: string } {
  const printed = printing.exec(masked)
  if (printed) {
    const text = plain((printed[1] ?? printed[2] ?? '').replace(/[.!]$/, ''))
    return { head: masked.slice(0, printed.index), prints: text }
  }
  let earliest: { head: string; content: string } | undefined
  for (const expression of contentAfter) {
    const found = expression.exec(masked)
    const content = found?.[1] ?? found?.[2]
    if (found === null || content === undefined) continue
    if (earliest === undefined || found.index < earliest.head.length)
      earliest = { head: masked.slice(0, found.index), content: plain(content) }
  }
  return earliest ?? { head: masked }
}

function contentFor(request: Request, path: string, content: string | undefined, prints: string | undefined): string {
  if (prints !== undefined) return languageOfFile(path)?.prints?.(prints) ?? `${prints}\n`
  if (content !== undefined) return content.endsWith('\n') ? content : `${content}\n`
  const stem = (path.split('/').at(-1) ?? path).replace(/\.[^.]+$/, '').replaceAll(/[-_]+/g, ' ')
  return startOf(path, textsFor(request).startOfFile(stem === '' ? path : stem))
}

function* write(request: Request, { path, wasNamed, content }: Wish): Script {
  const t = textsFor(request)
  const slash = path.lastIndexOf('/')
  const folder = slash < 0 ? '.' : path.slice(0, slash)
  const listing = yield* call('list_files', { path: folder, include_hidden: true }, { say: t.looking, mayFail: true })
  const names = filesOf(listing).map(({ name }) => name.slice(name.lastIndexOf('/') + 1).toLowerCase())
  const taken = new Set(names)
  const name = path.slice(slash + 1)
  if (wasNamed && taken.has(name.toLowerCase())) return t.exists(path)
  const free = `${path.slice(0, slash + 1)}${freeName(name, taken)}`
  const args = { path: free, content, ...(slash < 0 ? {} : { create_dirs: true }) }
  const outcome = yield* call('write_file', args, { say: t.creating(free) })
  if (outcome.ran) return t.writtenAsEdited(stringIn(outcome.ran, 'path') || free)
  return [t.created(free, t.lines(lineCount(content))), ...(wasNamed ? [] : [t.nameChosen])].join('\n\n')
}
