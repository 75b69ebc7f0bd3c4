import { type AgentDefinition, refusalFor } from '../../domain/agent.ts'
import { cleanText, titleFrom } from '../../domain/text.ts'
import type { Tool } from '../../domain/tool.ts'
import type { Agents } from '../agents.ts'
import type { SourceSession } from '../ports/session-source.ts'
import type { AgentSwitch } from '../ports/store.ts'
import { checkPaths } from '../run/plan-calls.ts'
import type { Call, Entry } from './conversation.ts'
import { HistoryMender, type Refuse } from './mend-history.ts'
import { mendSwitches } from './mend-switches.ts'
import { Mends } from './mends.ts'
import { recordOf, Times } from './read-fields.ts'

export interface MendDeps {
  readonly agents: Agents
  readonly tools: readonly Tool[]
}

/** A session as this server would have stored it. */
export interface MendedSession {
  readonly externalId: string
  readonly title: string | null
  readonly createdAt: number
  readonly lastActivity: number
  readonly isActive: boolean
  readonly currentAgent: string
  readonly entries: readonly Entry[]
  readonly switches: readonly AgentSwitch[]
  /** Messages that it will have. */
  readonly messages: number
  /** Calls that wait for a person. */
  readonly waiting: number
  readonly mends: Mends
}

/** Pure: the same rows give the same session. `now` stands for a time that nobody stored. */
export function mendSession(deps: MendDeps, source: SourceSession, now: number): MendedSession {
  const mends = new Mends()
  const times = new Times(mends, source.createdAt, now)
  const createdAt = times.last
  const history = new HistoryMender(mends, times)
  for (const message of source.messages) history.add(message)
  const lastMessageAt = times.last
  const agent = agentOf(deps, source, mends)
  history.addApprovals(source.approvals, refuseFor(deps, agent))
  const entries = history.entries()
  const calls = entries.flatMap((entry) => (entry.by === 'agent' ? entry.calls : []))
  const last = source.lastActivity === null ? lastMessageAt : times.read(source.lastActivity)
  return {
    externalId: source.id,
    title: source.title === null ? titleOf(entries) : titleFrom(cleanText(source.title)),
    createdAt,
    lastActivity: Math.max(createdAt, last),
    isActive: source.isActive,
    currentAgent: agent.name,
    entries,
    switches: mendSwitches(source.switches, deps.agents.router.name, new Times(mends, source.createdAt, now), mends),
    messages: entries.length + calls.filter((call) => !isOffered(call)).length,
    waiting: calls.filter(isOffered).length,
    mends,
  }
}

/** A person has to decide about it; any other call has a result. */
export function isOffered(call: Call): boolean {
  return call.approval !== undefined && call.result === undefined
}

function titleOf(entries: readonly Entry[]): string | null {
  const first = entries.find((entry) => entry.by === 'user')
  return first ? titleFrom(first.text) : null
}

/** Its own. After a restart the Python service had forgotten it and the router had the session, which makes no calls (PROTOCOL D5). */
function agentOf(deps: MendDeps, source: SourceSession, mends: Mends): AgentDefinition {
  const { agents } = deps
  const name = source.currentAgent
  const own = name === null ? agents.router : agents.find(name)
  if (!own) mends.add('agent_unknown')
  if (own && own.role !== 'router') return own
  const [waiting] = source.approvals.filter((approval) => approval.kind === 'tool')
  if (!waiting) return own ?? agents.router
  const json = JSON.stringify(recordOf(waiting.arguments) ?? {})
  const able = agents.specialists.find((agent) => refuseFor(deps, agent)(waiting.tool, json) === undefined)
  if (able) mends.add('agent_found')
  return able ?? agents.router
}

/** What would have been refused when the model asked for it (PROTOCOL D9, D17). */
function refuseFor({ tools }: MendDeps, agent: AgentDefinition): Refuse {
  return (name, argumentsJson) => {
    const args = recordOf(argumentsJson) ?? {}
    const tool = tools.find((row) => row.name === name)
    const refusal = refusalFor(agent, name, args, tool?.paths)
    if (refusal) return refusal.text
    if (tool?.executor !== 'client') return `Tool '${name}' is not available`
    const [problem] = tool.check(args)
    if (problem !== undefined) return problem
    const checked = checkPaths(tool, args)
    return 'fault' in checked ? checked.fault.text : undefined
  }
}
