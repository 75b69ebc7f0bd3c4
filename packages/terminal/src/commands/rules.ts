import { ApiError, type Client, createClient, type Rule } from '@codelab/protocol'
import { clean, plural } from '../screen/text.ts'
import { CommandFailure, exitCodes } from '../server/failure.ts'
import { findServer } from '../server/find-server.ts'
import { openStateFolder, stateFolderPath } from '../server/state-folder.ts'
import { findSession } from '../sessions/session-ids.ts'
import type { CommonOptions, Io } from './io.ts'
import { findRule, ruleRows } from './rule-commands.ts'
import { serverOptions } from './workplace.ts'

export interface RuleOptions extends CommonOptions {
  readonly session?: string
  readonly json?: boolean
}

export interface ExplainOptions extends RuleOptions {
  readonly tool: string
  readonly args?: string
  readonly agent?: string
}

export interface TryOptions extends RuleOptions {
  readonly effect: 'allow' | 'ask' | 'deny'
}

const shownCalls = 20
const effects = ['allow', 'ask', 'deny'] as const

/** The rules there are, strongest first. */
export async function listRules(io: Io, options: RuleOptions): Promise<number> {
  return withServer(io, options, async (client, sessionId) => {
    const { rules } = await client.rules(sessionId)
    if (options.json) for (const rule of rules) io.stdout.write(`${JSON.stringify(rule)}\n`)
    else print(io, rules.length > 0 ? ruleRows(rules) : ['No rules.'])
  })
}

export async function revokeRule(io: Io, start: string, options: CommonOptions): Promise<number> {
  return withServer(io, options, async (client) => {
    const { rules } = await client.rules()
    const rule = findRule(rules, start)
    await client.deleteRule(rule.id ?? '')
    print(io, [`Revoked: ${clean(`${rule.effect} ${rule.tool} ${rule.pattern}`)}`])
  })
}

/** Which rule decides about a call, and part by part why. */
export async function explainRule(io: Io, options: ExplainOptions): Promise<number> {
  const values = readArguments(options.args)
  return withServer(io, options, async (client, sessionId) => {
    const agent = options.agent === undefined ? {} : { agent: options.agent }
    const session = sessionId === undefined ? {} : { session_id: sessionId }
    const explained = await client.explainRule({ tool: options.tool, arguments: values, ...session, ...agent })
    if (options.json) {
      io.stdout.write(`${JSON.stringify(explained)}\n`)
      return
    }
    const { effect, reason, rule, parts } = explained
    const rows = parts.map((part) => `  ${part.effect.padEnd(5)}  ${clean(part.text)}   ${clean(part.rule.text)}`)
    const head = `${effect}: ${clean(rule.text)} (${rule.source})`
    print(io, [head, ...(reason ? [clean(reason)] : []), ...(rows.length > 1 ? rows : [])])
  })
}

/** Which of the past calls a rule would have decided. */
export async function tryRule(io: Io, text: string, options: TryOptions): Promise<number> {
  const rule = readRule(text, options.effect)
  return withServer(io, options, async (client, sessionId) => {
    const session = sessionId === undefined ? {} : { session_id: sessionId }
    const tried = await client.tryRule({ rule, ...session })
    if (options.json) {
      io.stdout.write(`${JSON.stringify(tried)}\n`)
      return
    }
    const rows = tried.calls
      .slice(0, shownCalls)
      .map(
        (call) =>
          `  ${call.effect.padEnd(5)}  ${clean(call.tool_name)}  ${clean(call.subject)}${call.asked ? '  (was asked)' : ''}`,
      )
    const more = tried.calls.length - rows.length
    print(io, [
      `Of ${plural(tried.looked_at, 'past call')} it matches ${tried.matched}: ${tried.allowed} allowed, ${tried.asked} asked, ${tried.denied} denied.`,
      ...rows,
      ...(more > 0 ? [`  and ${more} more`] : []),
    ])
  })
}

/** `allow execute_command "npm test *"` as rules are written, or `execute_command(npm test *)` as in `--allow`. */
function readRule(text: string, effect: Rule['effect']): Rule {
  const spoken = /^(allow|ask|deny)\s+([\w*-]+)(?:\s+(?:"([^"]+)"|(\S.*)))?$/s.exec(text.trim())
  if (spoken) {
    const [, said, tool = '', quoted, plain] = spoken
    return { tool, pattern: quoted ?? plain ?? '*', effect: effects.find((known) => known === said) ?? effect }
  }
  const [, tool, pattern = '*'] = /^([\w*-]+)(?:\((.+)\))?$/s.exec(text.trim()) ?? []
  if (tool !== undefined) return { tool, pattern, effect }
  throw new CommandFailure(exitCodes.usage, `That is no rule: ${clean(text)}`, [
    `For example codelab rules try 'allow execute_command "npm test *"'`,
  ])
}

async function withServer(
  io: Io,
  options: RuleOptions,
  work: (client: Client, sessionId: string | undefined) => Promise<void>,
): Promise<number> {
  const stateFolder = openStateFolder(stateFolderPath(io.env))
  const { url, key } = await findServer({ ...serverOptions(io, options, stateFolder), mayStart: false })
  const client = createClient({ baseUrl: url, key })
  try {
    await work(client, options.session === undefined ? undefined : await findSession(client, options.session))
    return exitCodes.done
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    throw new CommandFailure(error.status < 500 ? exitCodes.usage : exitCodes.failed, clean(error.message))
  }
}

function readArguments(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {}
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Told below: it is no JSON.
  }
  throw new CommandFailure(exitCodes.usage, '--args is no JSON object', [`For example --args '{"command":"npm test"}'`])
}

function print(io: Io, lines: readonly string[]): void {
  io.stdout.write(`${lines.join('\n')}\n`)
}
