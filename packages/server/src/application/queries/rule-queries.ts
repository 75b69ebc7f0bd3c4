import { refusalFor } from '../../domain/agent.ts'
import { isJudgedByRules, projectOf, runsOnWindows } from '../../domain/client-rules.ts'
import type { CommandKnowledge, ReadOnlyCommand } from '../../domain/command-reach.ts'
import { RuntimeError } from '../../domain/errors.ts'
import { asRule, type Grant } from '../../domain/grant.ts'
import type { Owner } from '../../domain/owner.ts'
import { decide, type Policy } from '../../domain/policy.ts'
import {
  judgeCall,
  type PartRuling,
  patternOf,
  type Rule,
  type RuleEffect,
  type Ruling,
  type SourcedRule,
  subjectsOf,
} from '../../domain/rules.ts'
import type { ClientProfile } from '../../domain/session.ts'
import { type SuggestedRule, suggestRules } from '../../domain/suggest-rules.ts'
import type { Tool } from '../../domain/tool.ts'
import { argumentsOf, type ToolCall } from '../../domain/tool-call.ts'
import type { Agents } from '../agents.ts'
import { callToDecide } from '../inputs/take-decision.ts'
import type { Transaction, UnitOfWork } from '../ports/store.ts'
import { judgeStored, rulesOf } from '../rules.ts'
import { checkPaths } from '../run/plan-calls.ts'
import { requireSession, type SessionRef } from '../sessions.ts'

/** A rule that counts; what is stored comes with its grant. */
export interface ListedRule extends SourcedRule {
  readonly grant: Grant | null
  /** The id that clients use of the session that it holds in. */
  readonly sessionId: string | null
}

export interface ExplainQuery extends Owner {
  /** Left out: only what is built in counts. */
  readonly sessionId: string | undefined
  readonly tool: string
  readonly args: Readonly<Record<string, unknown>>
  readonly agent: string | undefined
}

export interface Explained {
  readonly ruling: Ruling
  readonly parts: readonly PartRuling[]
}

export interface TriedCall {
  readonly sessionId: string
  readonly call: ToolCall
  readonly subject: string
  readonly effect: RuleEffect
}

export interface Tried {
  readonly lookedAt: number
  /** Of those, how many a person decided about. */
  readonly decided: number
  /** Newest first. */
  readonly calls: readonly TriedCall[]
}

const mostListed = 1000
const mostTried = 1000

export interface RuleQueryDeps {
  readonly store: UnitOfWork
  readonly agents: Agents
  readonly tools: readonly Tool[]
  readonly policy: Policy
  readonly commands: CommandKnowledge
}

/** What can be asked of rules. */
export function createRuleQueries(deps: RuleQueryDeps) {
  const builtIn = builtInRules(deps.commands, deps.tools)

  return {
    /** Weakest first; without a session all that are stored. Throws `not_found`. */
    list: (owner: Owner, sessionId: string | undefined): Promise<readonly ListedRule[]> =>
      deps.store.read(async (tx) => {
        if (sessionId === undefined) return [...builtIn, ...(await storedRules(tx, owner.ownerId))]
        const session = await requireSession(tx, { ...owner, sessionId })
        const client = (await tx.turns.latest(session.sid))?.client ?? null
        const rules = await rulesOf(tx, session, client)
        return [...builtIn, ...(await Promise.all(rules.map((rule) => listed(tx, session.ownerId, rule))))]
      }),

    /** What would be done with a call. Throws `not_found`: no such session, tool or agent. */
    explain: (query: ExplainQuery): Promise<Explained> => deps.store.read((tx) => explain(tx, deps, query)),

    /** Which past calls a rule would have decided, had it been the only one. Throws `not_found`. */
    tryRule: (owner: Owner, rule: Rule, sessionId: string | undefined): Promise<Tried> =>
      deps.store.read(async (tx) => {
        const session = sessionId === undefined ? undefined : await requireSession(tx, { ...owner, sessionId })
        const rows = await tx.calls.newest(session?.ownerId ?? owner.ownerId, session?.sid, mostTried)
        const calls = rows.flatMap(({ call, externalId }) => {
          const tried = tryOn(deps, rule, call)
          return tried ? [{ sessionId: externalId, call, ...tried }] : []
        })
        const decided = rows.filter(({ call }) => wasDecided(call)).length
        return { lookedAt: rows.length, decided, calls }
      }),

    /** Rules that would have let an open approval pass. Throws `not_found`, `approval_not_pending`. */
    suggestions: (ref: SessionRef, callId: string): Promise<readonly SuggestedRule[]> =>
      deps.store.read(async (tx) => {
        const session = await requireSession(tx, ref)
        const call = await callToDecide(tx, session, callId)
        const judged = await judgeStored(tx, deps, session, call)
        if (!judged) return []
        return suggestRules(judged.tool, judged.parts, projectOf(judged.client) !== null)
      }),
  }
}

function builtInRules(commands: CommandKnowledge, tools: readonly Tool[]): readonly ListedRule[] {
  const of = (tool: string, pattern: string): ListedRule => ({
    tool,
    pattern,
    effect: 'allow',
    source: 'built-in',
    id: null,
    grant: null,
    sessionId: null,
  })
  const runners = tools.filter((tool) => tool.class === 'execute').map((tool) => tool.name)
  const patterns = [...new Set(commands.readOnly.map((row: ReadOnlyCommand) => patternOf(row)))]
  const readers = tools.filter((tool) => tool.class === 'read').map((tool) => of(tool.name, '*'))
  return [...readers, ...runners.flatMap((tool) => patterns.map((pattern) => of(tool, pattern)))]
}

async function storedRules(tx: Transaction, ownerId: string): Promise<readonly ListedRule[]> {
  const rules: ListedRule[] = []
  for (const grant of await tx.grants.list(ownerId, mostListed)) {
    const session = grant.sid === null ? null : await tx.sessions.get(grant.sid)
    if (session?.deleted) continue
    rules.push({ ...asRule(grant), grant, sessionId: session?.externalId ?? null })
  }
  return rules
}

async function listed(tx: Transaction, ownerId: string, rule: SourcedRule): Promise<ListedRule> {
  const grant = rule.id === null ? undefined : await tx.grants.find(ownerId, rule.id)
  const session = grant?.sid ? await tx.sessions.get(grant.sid) : undefined
  return { ...rule, grant: grant ?? null, sessionId: session?.externalId ?? null }
}

async function explain(tx: Transaction, deps: RuleQueryDeps, query: ExplainQuery): Promise<Explained> {
  const { sessionId, args } = query
  const tool = deps.tools.find((row) => row.name === query.tool)
  if (!tool) {
    const names = deps.tools.map((row) => row.name).join(', ')
    throw new RuntimeError('not_found', `There is no tool '${query.tool}'`, {
      details: { hint: `Use one of: ${names}.` },
    })
  }
  const session = sessionId === undefined ? undefined : await requireSession(tx, { ...query, sessionId })
  const turn = session && (await tx.turns.latest(session.sid))
  const refused = refusal(deps, tool, query)
  if (refused) return { ruling: refused, parts: [] }
  const checked = checkPaths(tool, args)
  if ('fault' in checked) return { ruling: deny(checked.fault.text, 'protected places'), parts: [] }
  const { paths } = checked
  const client: ClientProfile | null = turn?.client ?? null
  if (turn && !isJudgedByRules(client)) {
    const { requiresApproval, reason } = decide(deps.policy, tool.name, tool.class, paths)
    const rule = { source: 'default' as const, id: null, text: 'the policy for clients that do not say who they are' }
    return { ruling: { effect: requiresApproval ? 'ask' : 'allow', reason, rule }, parts: [] }
  }
  const rules = session ? await rulesOf(tx, session, client) : []
  return judgeCall({ tool, args, paths, windows: runsOnWindows(client) }, rules, deps.commands)
}

function refusal(deps: RuleQueryDeps, tool: Tool, { agent: name, args }: ExplainQuery): Ruling | undefined {
  const agent = name === undefined ? undefined : deps.agents.find(name)
  if (name !== undefined && !agent) {
    const names = deps.agents.list.map((one) => one.name).join(', ')
    throw new RuntimeError('not_found', `There is no agent '${name}'`, { details: { hint: `Use one of: ${names}.` } })
  }
  const problems = tool.check(args)
  if (problems.length > 0) return deny(`The arguments are wrong. ${problems.join('. ')}`, 'the shape of the arguments')
  const refused = agent && refusalFor(agent, tool.name, args)
  return refused && deny(refused.text, `the agent ${agent.name}`)
}

function deny(reason: string, text: string): Ruling {
  return { effect: 'deny', reason, rule: { source: 'protection', id: null, text } }
}

function tryOn(
  { tools, commands }: RuleQueryDeps,
  rule: Rule,
  call: ToolCall,
): { readonly subject: string; readonly effect: RuleEffect } | undefined {
  const tool = tools.find((row) => row.name === call.tool)
  if (!tool) return undefined
  const args = storedArguments(call)
  const checked = args && checkPaths(tool, args)
  if (!args || !checked || 'fault' in checked) return undefined
  const judged = { tool, args, paths: checked.paths, windows: false }
  const { ruling } = judgeCall(judged, [{ ...rule, source: 'session', id: tried }], commands)
  return ruling.rule.id === tried ? { subject: subjectsOf(judged).join('; '), effect: ruling.effect } : undefined
}

/** By a person, not by what came in between. */
export function wasDecided({ approval }: Pick<ToolCall, 'approval'>): boolean {
  return approval !== null && approval.status !== 'pending' && approval.decision !== null
}

const tried = 'tried'

/** What a model wrote wrongly is stored too. */
function storedArguments(call: ToolCall): Record<string, unknown> | undefined {
  try {
    return argumentsOf(call)
  } catch {
    return undefined
  }
}
