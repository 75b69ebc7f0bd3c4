import { filesOf, stringIn } from '../outcome.ts'
import { asPath, type Request } from '../request.ts'
import { call, freeName, type Rule, type Script } from '../script.ts'
import { type Texts, textsFor } from '../texts.ts'

const thing =
  '(?:plan|design|spec|specification|roadmap|blueprint|architecture)(?:\\s+(?:document|doc|file))?(?=[:,.!?]*$|:|,?\\s+(?:for|of|to|on|how|about|that|which|with|where|in|into|as|and)(?![\\p{L}]))'
const thingRu =
  '(?:план|спецификацию|тз|техзадание|техническое\\s+задание|дизайн|архитектуру|дорожную\\s+карту|роадмап)(?![\\p{L}]|\\.\\p{L})'

interface Wording {
  readonly pattern: RegExp
  /** The goal goes on where the word "plan" ended, in its case; a Russian imperative has another. */
  readonly asObject: boolean
}

const wordings: readonly Wording[] = [
  {
    asObject: true,
    pattern: new RegExp(
      `^(?:make|write|create|draft|prepare|give|develop|outline|work\\s+out|come\\s+up\\s+with)\\s+(?:me\\s+|us\\s+)?(?:an?\\s+|the\\s+)?(?:[\\w-]+\\s+){0,2}?${thing}(?:\\s+(?:for|of|to|on|how\\s+to|about)(?:\\s+how\\s+to)?)?(?<goal>[\\s\\S]*)$`,
      'iu',
    ),
  },
  { asObject: true, pattern: /^i\s+need\s+an?\s+(?:[\w-]+\s+){0,2}?plan(?:\s+(?:for|of|to))?(?<goal>[\s\S]*)$/iu },
  { asObject: true, pattern: /^(?:plan|design|draft)(?:\s+(?:out|how\s+to|for))?\s+(?<goal>[\s\S]+)$/iu },
  {
    asObject: true,
    pattern: new RegExp(
      `^(?:состав(?:ь|ьте|ить)|напиши(?:те)?|сделай(?:те)?|создай(?:те)?|подготовь(?:те)?|придумай(?:те)?|набросай(?:те)?|разработай(?:те)?|нужен|дай)\\s+(?:мне\\s+|нам\\s+)?(?:\\p{L}+\\s+){0,2}?${thingRu}(?<goal>[\\s\\S]*)$`,
      'iu',
    ),
  },
  {
    asObject: false,
    pattern:
      /^(?:спланируй(?:те)?|распланируй(?:те)?|спроектируй(?:те)?|запланируй(?:те)?|продумай(?:те)?)(?:\s+(?:мне|нам|как))?\s+(?<goal>[\s\S]+)$/iu,
  },
  { asObject: true, pattern: /^план(?:\s+для)?\s+(?<goal>[\s\S]+)$/iu },
]
const target =
  /[,\s]+(?:and\s+)?(?:write|save|put|store)?\s*(?:it\s+)?(?:in|to|into|as)\s+(?:the\s+)?(?:file\s+)?(?<en>[\ue000-\ue0c7]|\S+\.md)|[,\s]+(?:и\s+)?(?:запиши|сохрани|положи)?\s*(?:его\s+)?(?:в|как)\s+(?:файл\s+)?(?<ru>[\ue000-\ue0c7]|\S+\.md)/iu

/** A plan, written to a markdown file. */
export const plan: Rule = {
  name: 'plan',
  agent: 'architect',
  match(request) {
    const { masked, plain } = request
    const into = target.exec(masked)
    const path = asPath(plain(into?.groups?.['en'] ?? into?.groups?.['ru'] ?? ''))
    const named = path?.toLowerCase().endsWith('.md') ? path : undefined
    const wish =
      named === undefined || !into ? masked : masked.slice(0, into.index) + masked.slice(into.index + into[0].length)
    for (const { pattern, asObject } of wordings) {
      const goal = pattern.exec(wish)?.groups?.['goal']
      if (goal === undefined) continue
      const stated = plain(goal.replace(/^[\s:,-]+|[\s.!?]+$/g, '')).slice(0, longestGoal)
      if (stated === '') return write(request, { text: request.text.slice(0, longestGoal), asObject: false }, named)
      return write(request, { text: stated, asObject: asObject && !/^[:-]/.test(goal.trim()) }, named)
    }
    return undefined
  },
}

const longestGoal = 300
const longestQuoted = 2000
const mostParts = 8
const mostFiles = 15

interface Goal {
  readonly text: string
  /** Whether it goes on where the word "plan" ended. */
  readonly asObject: boolean
}

function* write(request: Request, goal: Goal, named: string | undefined): Script {
  const t = textsFor(request)
  const path = named ?? 'plan.md'
  const slash = path.lastIndexOf('/')
  const listing = yield* call('list_files', { path: '.' }, { say: t.looking, mayFail: true })
  const files = filesOf(listing)
  const taken = new Set(files.map(({ name }) => name.toLowerCase()))
  if (named !== undefined && taken.has(named.toLowerCase())) return t.exists(named)
  const free = slash < 0 ? freeName(path, taken) : path
  const steps = stepsOf(t, goal.text)
  const today = files.slice(0, mostFiles).map(({ name, isFolder }) => `\`${name}${isFolder ? '/' : ''}\``)
  if (files.length > mostFiles) today.push(t.more(files.length - mostFiles))
  const content = [
    `# ${t.plan.title(oneLine(goal.text), goal.asObject)}`,
    `## ${t.plan.goal}\n\n> ${request.text.slice(0, longestQuoted).replaceAll('\n', '\n> ')}`,
    `## ${t.plan.today}\n\n${today.length > 0 ? today.join(', ') : t.plan.nothing}`,
    `## ${t.plan.steps}\n\n${steps.map((step, index) => `${index + 1}. [ ] ${step}`).join('\n')}`,
    `## ${t.plan.check}\n\n${t.plan.checks.map((item) => `- ${item}`).join('\n')}`,
    `## ${t.plan.risks}\n\n${t.plan.questions.map((item) => `- ${item}`).join('\n')}`,
  ].join('\n\n')
  const args = { path: free, content: `${content}\n`, ...(slash < 0 ? {} : { create_dirs: true }) }
  const outcome = yield* call('write_file', args, { say: t.planning(free) })
  if (outcome.ran) return t.writtenAsEdited(stringIn(outcome.ran, 'path') || free)
  return t.planned(free, steps.length)
}

function stepsOf(t: Texts, goal: string): string[] {
  const parts = goal
    .split(/\s*(?:[;\n]|,(?=\s)|\s(?:and then|and|then|а затем|и затем|затем|потом|и)\s)\s*/iu)
    .map((part) => part.replace(/^(?:[-*\d.)\s]+|(?:and|then|и|затем|потом)\s+)+/iu, '').trim())
    .filter((part) => part.length > 2)
  const work = (parts.length > 0 ? parts : [goal]).slice(0, mostParts).map((part) => t.plan.work(part))
  return [t.plan.firstStep, t.plan.testStep, ...work, t.plan.lastStep]
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').slice(0, 100)
}
