import type { PartRuling, Rule } from './rules.ts'
import type { Tool } from './tool.ts'

/** A rule that would let a call pass, before anybody made it. */
export interface SuggestedRule extends Rule {
  readonly scope: 'session' | 'project'
  /** For a person. */
  readonly text: string
}

/** Programs whose first argument says what they do. */
const withSubcommand: ReadonlySet<string> = new Set(
  'apt bundle bunx bun cargo composer deno docker dotnet gh git go gradle helm just kubectl make mix mvn npm npx nx pip pip3 pnpm poetry rails rake rustup task terraform turbo uv uvx yarn'.split(
    ' ',
  ),
)
/** …and these their second. */
const withTwo =
  /^(?:(?:npm|pnpm|yarn|bun|deno|uv|poetry|composer) run|docker compose|(?:python3?|pypy3) -m|bundle exec|npm exec) /
/** Programs for which any argument would be far too much. */
const onlyAsTyped: ReadonlySet<string> = new Set(
  'bash chmod chown cp curl deno dropdb git-clean ln mkfs mv node nodejs perl php psql python python3 rm rmdir rsync ruby scp sh shred ssh wget'.split(
    ' ',
  ),
)
const onlyAsTypedLines = /^git (?:push|reset|clean|checkout|restore|rebase|rm|remote|branch|tag|stash) /

/** The narrowest first. None where a person is asked whatever the rules say. */
export function suggestRules(
  tool: Pick<Tool, 'name' | 'class'>,
  parts: readonly PartRuling[],
  hasProject: boolean,
): readonly SuggestedRule[] {
  const asking = parts.filter((part) => part.effect !== 'allow')
  if (asking.length === 0 || asking.some((part) => part.rule.source === 'protection' || part.effect === 'deny'))
    return []
  const texts = new Set(asking.map((part) => part.text))
  const [only] = texts
  const isCommand = tool.class === 'execute'
  const narrow = texts.size === 1 && only !== undefined ? narrowPatterns(only, isCommand) : []
  const any = { pattern: '*', text: isCommand ? 'any command' : `any call of ${tool.name}` }
  const make = (scope: 'session' | 'project', { pattern, text }: { pattern: string; text: string }): SuggestedRule => ({
    scope,
    tool: tool.name,
    pattern,
    effect: 'allow',
    text,
  })
  const named = narrow.map((pattern) => ({ pattern, text: pattern }))
  const ofProject = hasProject ? named.slice(-1).map((rule) => make('project', rule)) : []
  return [...[...named, any].map((rule) => make('session', rule)), ...ofProject]
}

function narrowPatterns(subject: string, isCommand: boolean): readonly string[] {
  if (isCommand) return commandPattern(subject)
  // A wildcard in the name itself would mean more than this file.
  const exact = /[*?]/.test(subject) ? [] : [subject]
  const folder = subject.split('/').slice(0, -1).join('/')
  return folder === '' || /[*?]/.test(folder) ? exact : [...exact, `${folder}/**`]
}

function commandPattern(line: string): readonly string[] {
  const exact = line.includes('*') ? [] : [line]
  const [program = ''] = line.split(' ')
  if (/['"]/.test(program)) return exact
  const two = withTwo.test(line)
  if (!two && (onlyAsTyped.has(program.split('/').at(-1) ?? '') || onlyAsTypedLines.test(`${line} `))) return exact
  const count = two ? 3 : withSubcommand.has(program) ? 2 : 1
  const kept = line.split(' ').slice(0, count)
  if (kept.length < count || kept.some((word) => /['"*]/.test(word))) return exact
  // `npm -s test`: the option is not what it does.
  if (count > 1 && !two && kept[1]?.startsWith('-')) return exact
  return [`${kept.join(' ')} *`]
}
