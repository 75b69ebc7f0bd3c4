import type { ExplainedRule, RuleList, TriedRule, TryRuleRequest } from '../compose/operator.ts'
import type { ConfigSources } from '../config.ts'
import { RuntimeError } from '../domain/errors.ts'
import type { CommandOutput } from './config.ts'
import { reach, withConfig } from './reach.ts'
import type { Style } from './style.ts'
import { counted, widths, wrap } from './text.ts'

export interface ExplainOptions {
  readonly tool: string
  /** JSON of an object. */
  readonly args: string
  readonly session?: string
  readonly agent?: string
}

/** `codelab rules list`: weakest first. Gives the exit code. */
export async function runRulesList(
  sources: ConfigSources,
  options: { readonly session?: string },
  output: CommandOutput,
): Promise<number> {
  return await withConfig(sources, output, async (config) => {
    await using connection = await reach(config)
    const found = await connection.rules(options.session)
    output.write(output.json ? `${JSON.stringify(found, null, 2)}\n` : renderList(found, output.style))
    return 0
  })
}

/** `codelab rules explain`: which rule decides about a call. Gives the exit code. */
export async function runRulesExplain(
  sources: ConfigSources,
  { tool, args, session, agent }: ExplainOptions,
  output: CommandOutput,
): Promise<number> {
  return await withConfig(sources, output, async (config) => {
    const call = { tool, arguments: readArguments(args), session_id: session, agent }
    await using connection = await reach(config)
    const explained = await connection.explainRule(call)
    output.write(output.json ? `${JSON.stringify(explained, null, 2)}\n` : renderExplained(explained, output.style))
    return 0
  })
}

/** `codelab rules try RULE`: what it would have decided. Gives the exit code. */
export async function runRulesTry(
  sources: ConfigSources,
  options: { readonly words: readonly string[]; readonly session?: string },
  output: CommandOutput,
): Promise<number> {
  return await withConfig(sources, output, async (config) => {
    const rule = readRule(options.words)
    await using connection = await reach(config)
    const tried = await connection.tryRule({ rule, session_id: options.session })
    output.write(output.json ? `${JSON.stringify(tried, null, 2)}\n` : renderTried(tried, output.style))
    return 0
  })
}

/** `codelab rules revoke ID`. Gives the exit code: 1 for an unknown one. */
export async function runRulesRevoke(sources: ConfigSources, id: string, output: CommandOutput): Promise<number> {
  return await withConfig(sources, output, async (config) => {
    await using connection = await reach(config)
    const revoked = await connection.revokeRule(id)
    output.write(output.json ? `${JSON.stringify(revoked)}\n` : `Rule ${id} counts no more.\n`)
    return 0
  })
}

/** `allow execute_command "npm test *"`, in one word or in several. */
function readRule(words: readonly string[]): TryRuleRequest['rule'] {
  const [, effect, tool, pattern = '*'] =
    /^(allow|ask|deny)\s+([\w*-]+)(?:\s+(.*))?$/s.exec(words.join(' ').trim()) ?? []
  if ((effect !== 'allow' && effect !== 'ask' && effect !== 'deny') || tool === undefined) {
    throw new RuntimeError('invalid_input', `"${words.join(' ')}" is no rule`, {
      details: { hint: `For example: codelab rules try 'allow execute_command "npm test *"'` },
    })
  }
  return { effect, tool, pattern: pattern.replace(/^(["'])(.*)\1$/s, '$2') }
}

function readArguments(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Said below.
  }
  throw new RuntimeError('invalid_input', '--args is no JSON object', {
    details: { hint: `For example: --args '{"command":"npm test"}'` },
  })
}

function renderList({ rules }: RuleList, style: Style): string {
  const builtIn = rules.filter(({ source }) => source === 'built-in')
  const made = rules.filter(({ source }) => source !== 'built-in')
  const free = builtIn.map(({ tool, pattern }) => (pattern === '*' ? tool : pattern.replace(/ \*$/, '')))
  const rows = made.map((rule) => [
    rule.source,
    `${rule.effect} ${rule.tool}${rule.pattern === '*' ? '' : ` "${rule.pattern}"`}`,
    rule.project?.name ?? rule.session_id ?? '',
    rule.id ?? '',
  ])
  const columns = widths(rows)
  const lines = rows.map((row) => `  ${row.map((cell, at) => cell.padEnd(columns[at] ?? 0)).join('  ')}`.trimEnd())
  return [
    style.bold('Allowed out of the box, for clients that say who they are'),
    ...wrap(free.join(', '), style.width - 2).map((line) => `  ${line}`),
    '',
    style.bold(
      made.length === 0 ? 'No other rules.' : `${counted(made.length, 'other rule')}, the last that matches decides`,
    ),
    ...lines,
    ...(made.length === 0 ? [] : ['', 'To take one back: codelab rules revoke ID']),
    '',
  ].join('\n')
}

const says = { allow: 'allowed', ask: 'a person is asked', deny: 'denied' } as const

function renderExplained({ effect, reason, rule, parts }: ExplainedRule, style: Style): string {
  const paint = { allow: style.ok, ask: style.wait, deny: style.bad }
  const head = [
    `${paint[effect](says[effect])}${reason === null ? '' : `: ${reason}`}`,
    `  decided by  ${rule.text} ${style.dim(`(${rule.source})`)}`,
  ]
  if (parts.length < 2) return `${head.join('\n')}\n`
  const rows = parts.map((part) => [part.text, says[part.effect], part.rule.text])
  const columns = widths(rows)
  const lines = rows.map((row) => `    ${row.map((cell, at) => cell.padEnd(columns[at] ?? 0)).join('  ')}`.trimEnd())
  return `${[...head, '  part by part, the strictest decides', ...lines].join('\n')}\n`
}

function renderTried({ looked_at: lookedAt, matched, allowed, asked, denied, calls }: TriedRule, style: Style): string {
  const head = `Of ${counted(lookedAt, 'past call')} the rule would have decided ${counted(matched, 'call')}: ${allowed} allowed, ${asked} asked, ${denied} denied.`
  const rows = calls.map((call) => [
    call.created_at.slice(0, 16).replace('T', ' '),
    call.effect,
    call.asked ? 'was asked' : '',
    `${call.tool_name} ${call.subject.replace(/\s+/g, ' ').slice(0, 60)}`,
  ])
  const columns = widths(rows)
  const lines = rows.map((row) => `  ${row.map((cell, at) => cell.padEnd(columns[at] ?? 0)).join('  ')}`.trimEnd())
  return [style.bold(head), ...lines, ''].join('\n')
}
