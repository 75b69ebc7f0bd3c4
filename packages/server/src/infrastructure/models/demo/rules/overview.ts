import { contentOf, filesOf, isObject, type ListedFile, stringIn, type ToolOutcome } from '../outcome.ts'
import type { Request } from '../request.ts'
import { call, fenced, type Rule, type Script } from '../script.ts'
import { type Texts, textsFor } from '../texts.ts'

const english = [
  /\b(?:what|describe|explain|overview|summar\w*|tell|show|look|about|list|understand|introduce)\b.*\b(?:this|the|my|our|current)\s+(?:whole\s+)?(?:project|repo(?:sitory)?|code\s?base|folder|directory|workspace)\b/is,
  /\b(?:project|repo(?:sitory)?)\s+overview\b|\boverview of\b/is,
  /^(?:list|show|what)\s+(?:me\s+)?(?:all\s+)?(?:the\s+|of\s+the\s+)*files\b/is,
  /^what(?:'s|\s+is|\s+do\s+(?:we|you)\s+(?:have|see))\s+(?:in\s+)?here\b/is,
  /^(?:ls|dir|tree)$/i,
]
const russian = [
  /(?:что|опиши|расскажи|объясни|покажи|обзор|какие|изучи|посмотри|разберись|о\s+ч[её]м|про\s+что|зачем)[\s\S]*(?:проект|репозитори|кодов)/iu,
  /(?:какие|список|перечисли|покажи)\s+(?:мне\s+)?(?:все\s+)?(?:тут\s+|здесь\s+)?(?:есть\s+)?файл(?:ы|ов)(?![\p{L}])/iu,
  /^что\s+(?:тут|здесь|там|в\s+(?:этой\s+|текущей\s+)?(?:папке|директории|каталоге))/iu,
]
const folderName =
  /\b(?:folder|directory|dir)\s+(?:called\s+|named\s+)?([^\s?.!,]+)|(?:папк[аеиу]|директори[ияю]|каталог[еа]?)\s+([^\s?!,]+)/iu
const folderVerb = /\b(?:what|list|show|describe|explain|look)\b|что|покажи|опиши|перечисли|посмотри|какие/iu
const trailingSlash = /(?:^|\s)([\p{L}\p{N}_@.-][\p{L}\p{N}_@./-]*)\/(?=$|[\s?!.,])/u

/** What is in this project, or in one folder of it. */
export const overview: Rule = {
  name: 'overview',
  agent: 'ask',
  match(request) {
    const folder = folderIn(request)
    if (folder !== undefined) return look(request, folder)
    if (request.paths.length > 0) return undefined
    const patterns = request.language === 'ru' ? russian : english
    return patterns.some((pattern) => pattern.test(request.masked)) ? look(request, '.') : undefined
  },
}

function folderIn({ masked, plain }: Request): string | undefined {
  if (!folderVerb.test(masked)) return undefined
  const [, english, russian] = folderName.exec(masked) ?? []
  const named = english ?? russian ?? trailingSlash.exec(masked)?.[1]
  if (named === undefined || /^(?:this|here|it|is|with|of|проекта)$/i.test(named)) return undefined
  return plain(named).replace(/\/+$/, '') || undefined
}

const manifests = ['package.json', 'pyproject.toml', 'Cargo.toml', 'go.mod', 'pubspec.yaml', 'composer.json']

function* look(request: Request, folder: string): Script {
  const t = textsFor(request)
  const listing = yield* call('list_files', { path: folder }, { say: t.looking })
  const files = filesOf(listing)
  if (files.length === 0) return t.emptyFolder(folder)
  const parts = [sectionOf(t, folder, files)]
  const readme = files.find(({ name }) => /^(?:.*\/)?readme(?:\.(?:md|txt|rst))?$/i.test(name))
  const manifest = manifests.flatMap((name) => files.find((file) => file.name.endsWith(name)) ?? []).at(0)
  const reads = [readme, manifest]
    .filter((file) => file !== undefined && !file.isFolder)
    .flatMap((file) => file?.name ?? [])
  const paths = reads.map((name) => (folder === '.' || name.startsWith(`${folder}/`) ? name : `${folder}/${name}`))
  if (paths.length > 0) {
    const outcomes = yield { calls: paths.map((path) => ({ tool: 'read_file', args: { path }, mayFail: true })) }
    for (const [index, outcome] of outcomes.entries()) parts.push(...aboutFile(t, paths[index] ?? '', outcome))
  }
  if (!readme && folder === '.') parts.push(t.noReadme)
  return parts.join('\n\n')
}

const mostShown = 40

function sectionOf(t: Texts, folder: string, files: readonly ListedFile[]): string {
  const shortName = (name: string) => (name.startsWith(`${folder}/`) ? name.slice(folder.length + 1) : name)
  const sorted = [...files].sort((a, b) => Number(b.isFolder) - Number(a.isFolder) || (a.name < b.name ? -1 : 1))
  const lines = sorted.slice(0, mostShown).map(({ name, isFolder }) => `- \`${shortName(name)}${isFolder ? '/' : ''}\``)
  if (sorted.length > mostShown) lines.push(`- ${t.more(sorted.length - mostShown)}`)
  const folders = files.filter(({ isFolder }) => isFolder).length
  return `${t.overview(folder, t.files(files.length - folders), t.folders(folders))}\n\n${lines.join('\n')}`
}

function aboutFile(t: Texts, path: string, outcome: ToolOutcome): string[] {
  if (outcome.state !== 'done') return []
  const content = contentOf(outcome)
  if (path.endsWith('package.json')) return aboutPackage(t, path, content)
  if (!/readme/i.test(path)) return [`\`${path}\`:\n\n${fenced(content, '', 12)}`]
  const paragraphs = content
    .split(/\r?\n\s*\r?\n/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '' && !/^(?:!?\[|<|```)/.test(paragraph))
  const [first = '', second = ''] = paragraphs
  const said =
    first.startsWith('#') && !first.includes('\n') && second !== '' && !second.startsWith('#')
      ? [first, second]
      : [first]
  const quote = said
    .map((paragraph) =>
      paragraph
        .replace(/^#+\s*/, '')
        .slice(0, 600)
        .replaceAll(/\r?\n/g, '\n> '),
    )
    .join('\n>\n> ')
  return quote === '' ? [] : [`${t.readmeSays(path)}\n\n> ${quote}`]
}

function aboutPackage(t: Texts, path: string, content: string): string[] {
  let manifest: unknown
  try {
    manifest = JSON.parse(content)
  } catch {
    return []
  }
  if (!isObject(manifest)) return []
  const title = [stringIn(manifest, 'name'), stringIn(manifest, 'version')].filter((part) => part !== '').join(' ')
  const description = stringIn(manifest, 'description')
  const scripts = isObject(manifest['scripts']) ? Object.keys(manifest['scripts']) : []
  const dependencies = [manifest['dependencies'], manifest['devDependencies']]
    .filter(isObject)
    .reduce((count, group) => count + Object.keys(group).length, 0)
  const lines = [
    `\`${path}\`: ${[title && `\`${title}\``, description].filter((part) => part !== '').join(', ') || '{}'}`,
    ...(scripts.length > 0
      ? [
          `${t.scripts}: ${scripts
            .slice(0, 20)
            .map((name) => `\`${name}\``)
            .join(', ')}`,
        ]
      : []),
    ...(dependencies > 0 ? [t.dependencies(dependencies)] : []),
  ]
  return [lines.map((line) => `- ${line}`).join('\n')]
}
