import { estimateRequest } from '../../domain/history-cut.ts'
import { estimateTokens } from '../../domain/tokens.ts'
import type { ModelSource } from '../ports/model-source.ts'
import type { UnitOfWork } from '../ports/store.ts'
import { readSources, requestHead, scaleOf } from '../run/build-request.ts'
import { Histories } from '../run/histories.ts'
import type { RunDeps } from '../run/run-state.ts'
import type { SessionAgents } from '../session-agents.ts'
import { requireSession, type SessionRef } from '../sessions.ts'

export interface ContextSection {
  readonly name: 'prompt' | 'limits' | 'instructions' | 'environment' | 'tools' | 'history'
  readonly tokens: number
  /** As it is sent, with keys masked; null for the history, which has a place of its own. */
  readonly text: string | null
}

/** What the model of a session is sent, as things stand. */
export interface SessionContext {
  readonly agent: string
  /** Alias. */
  readonly model: string
  /** What it can read; null when nobody said. */
  readonly contextTokens: number | null
  readonly tokens: number
  readonly sections: readonly ContextSection[]
  readonly messages: { readonly sent: number; readonly referenced: number; readonly dropped: number }
}

/** Throws `not_found`. Sizes are estimated, by what the provider counted last. */
export function createContextQuery(
  deps: Pick<RunDeps, 'tools' | 'ids'> & {
    readonly store: UnitOfWork
    readonly sessionAgents: SessionAgents
    readonly models: ModelSource
  },
) {
  return async (ref: SessionRef): Promise<SessionContext> => {
    const { turn, sources, agent, agents, model, facts, scale } = await deps.store.read(async (tx) => {
      const found = await requireSession(tx, ref)
      const { sid } = found
      const agents = await deps.sessionAgents.of(tx, sid)
      const agent = agents.current(found.currentAgent)
      const [{ facts, language: model }] = deps.models.chainFor(agent, found.model)
      const scale = await scaleOf(tx, sid, model)
      const turn = await tx.turns.latest(sid)
      return { turn, sources: await readSources(tx, found, new Histories()), agent, agents, model, facts, scale }
    })
    const { stored, cut } = sources
    const head = requestHead({ ...deps, agents }, agent, turn?.client ?? null, sources.workspace, model)
    const real = (tokens: number) => Math.round(tokens * scale)
    const history = estimateRequest({ messages: stored, cut, headTokens: 0 })
    const names = head.tools.map(({ name }) => name).join('\n')
    const sections: ContextSection[] = [
      ...head.sections.map(({ name, text }) => ({ name, text, tokens: real(estimateTokens(text)) })),
      { name: 'tools', text: names, tokens: real(estimateTokens(JSON.stringify(head.tools))) },
      { name: 'history', text: null, tokens: real(history) },
    ]
    const referenced = stored.filter(({ role, position }) => role === 'tool' && position < cut.referencedBefore).length
    return {
      agent: agent.name,
      model: facts.alias,
      contextTokens: model.contextTokens ?? null,
      tokens: sections.reduce((sum, section) => sum + section.tokens, 0),
      sections,
      messages: { sent: stored.length, referenced, dropped: Math.max(0, cut.droppedBefore - 1) },
    }
  }
}
