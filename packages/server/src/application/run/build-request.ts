import type { AgentDefinition } from '../../domain/agent.ts'
import { RuntimeError } from '../../domain/errors.ts'
import { estimateRequest, fitHistory } from '../../domain/history-cut.ts'
import type { ClientProfile, Session } from '../../domain/session.ts'
import { estimateTokens } from '../../domain/tokens.ts'
import type { SessionWorkspace } from '../../domain/workspace.ts'
import type { LanguageModel, ModelRequest, ToolDefinition } from '../ports/language-model.ts'
import type { Transaction } from '../ports/store.ts'
import type { Histories } from './histories.ts'
import { offeredTools } from './offered-tools.ts'
import { promptSections } from './prompt.ts'
import { loopRepeats } from './repeats.ts'
import { buildHistory } from './request.ts'
import type { RequestSources, RunDeps } from './run-state.ts'

/** What every request of a session begins with, as long as agent and client stay the same. */
export interface RequestHead {
  readonly sections: ReturnType<typeof promptSections>
  readonly system: string
  readonly tools: readonly ToolDefinition[]
  readonly tokens: number
  readonly hash: string
}

const mostScale = 2.5

export async function readSources(tx: Transaction, session: Session, histories: Histories): Promise<RequestSources> {
  const { cut, ...workspace } = await tx.workspaces.get(session.sid)
  const stored = await histories.read(tx, session, Math.max(0, cut.droppedBefore - 1))
  return { stored, workspace, cut }
}

interface KnownHead {
  readonly of: Pick<RunDeps, 'tools' | 'agents'>
  readonly head: RequestHead
}

/** The newest heads of each agent: step after step and in most sessions they are the same. */
const known = new WeakMap<AgentDefinition, Map<string, KnownHead>>()
const mostKnown = 32

export function requestHead(
  deps: Pick<RunDeps, 'tools' | 'agents' | 'ids'>,
  agent: AgentDefinition,
  client: ClientProfile | null,
  workspace: SessionWorkspace,
  model: Pick<LanguageModel, 'provider' | 'model'>,
): RequestHead {
  const heads = known.get(agent) ?? new Map<string, KnownHead>()
  known.set(agent, heads)
  const key = JSON.stringify([client && { tools: client.tools }, workspace.frozen, model.provider, model.model])
  const found = heads.get(key)
  if (found?.of.tools === deps.tools && found.of.agents === deps.agents) return found.head
  const head = makeHead(deps, agent, client, workspace, model)
  const [oldest] = heads.keys()
  if (oldest !== undefined && heads.size >= mostKnown) heads.delete(oldest)
  heads.set(key, { of: { tools: deps.tools, agents: deps.agents }, head })
  return head
}

function makeHead(
  deps: Pick<RunDeps, 'tools' | 'agents' | 'ids'>,
  agent: AgentDefinition,
  client: ClientProfile | null,
  workspace: SessionWorkspace,
  model: Pick<LanguageModel, 'provider' | 'model'>,
): RequestHead {
  const tools = offeredTools(deps, agent, client)
  const sections = promptSections(agent, workspace.frozen, tools)
  const system = sections.map(({ text }) => text).join('\n\n')
  const toolsJson = JSON.stringify(tools)
  const head = `${model.provider}\n${model.model}\n${toolsJson}\n${system}`
  const hash = deps.ids.digest(head).slice(0, 16)
  return { sections, system, tools, tokens: estimateTokens(system) + estimateTokens(toolsJson), hash }
}

/** The request of a step. Throws `loop` when the agent does the same again and again. */
export function buildRequest(
  deps: Pick<RunDeps, 'log' | 'meters' | 'masks'>,
  sid: string,
  head: RequestHead,
  { stored, cut }: Pick<RequestSources, 'stored' | 'cut'>,
): ModelRequest {
  const { masks } = deps
  const artifacts = head.tools.some(({ name }) => name === 'read_artifact')
  const { messages, repairs, repeated } = buildHistory(stored, { cut, artifacts, masks })
  if (repairs > 0) {
    deps.meters?.historyRepaired(repairs)
    deps.log.error('the history had to be mended', { sid, repairs })
  }
  if (repeated && repeated.count >= loopRepeats) {
    throw new RuntimeError(
      'loop',
      `The agent made the same call of ${repeated.tool} ${repeated.count} times with the same result and was stopped. Say how to go on`,
    )
  }
  return { purpose: 'answer', system: head.system, messages, tools: head.tools, cacheKey: sid }
}

/** Real tokens for an estimated one, as the provider last counted for this model; 1 while it has not. A provider that cuts what it is sent
 *  without a word counts too few: it is not believed below 0.7. */
export async function scaleOf(tx: Transaction, sid: string, model: Pick<LanguageModel, 'model'>): Promise<number> {
  const [last] = await tx.modelCalls.list(sid, 'answer', 1)
  if (!last || last.model !== model.model || !last.estimatedTokens || last.inputTokens <= 0) return 1
  return Math.min(mostScale, Math.max(0.7, last.inputTokens / last.estimatedTokens))
}

/** Whether nothing is left out whatever the provider counted, so that this need not be asked. */
export function surelyFits(sources: RequestSources, head: RequestHead, limit: number): boolean {
  const { stored: messages, cut } = sources
  return fitHistory({ messages, cut, headTokens: head.tokens, scale: mostScale, limit }) === undefined
}

/** The sources with less of the history, and how much they were and are thought to be; undefined when nothing changes. */
export function fitted(
  sources: RequestSources,
  head: RequestHead,
  scale: number,
  limit: number,
): { readonly sources: RequestSources; readonly before: number; readonly after: number } | undefined {
  const input = { messages: sources.stored, cut: sources.cut, headTokens: head.tokens, scale, limit }
  const cut = fitHistory(input)
  if (!cut) return undefined
  const stored = sources.stored.filter(({ position }) => position >= cut.droppedBefore)
  const after = estimateRequest({ messages: stored, cut, headTokens: head.tokens })
  const real = (tokens: number) => Math.round(tokens * scale)
  return { sources: { ...sources, stored, cut }, before: real(estimateRequest(input)), after: real(after) }
}
