import type { AgentDefinition } from '../../domain/agent.ts'
import type { ModelFacts } from '../../domain/model.ts'
import type { LanguageModel } from './language-model.ts'

/** A model that can be asked, and what is known of it. */
export interface NamedModel {
  readonly facts: ModelFacts
  readonly language: LanguageModel
}

/** Who is asked, in order: the next when the one before it is away. */
export type ModelChain = readonly [NamedModel, ...NamedModel[]]

/** What can be said of a model without asking it. */
export interface ListedModel {
  readonly facts: ModelFacts
  readonly provider: string
  /** The provider's own name of it. */
  readonly id: string
  /** Of the breaker of its upstream; null where there is none. */
  readonly upstream: { readonly state: 'closed' | 'open' | 'half_open'; readonly retryAfterMs: number } | null
}

/** Which models there are, and which of them answers. */
export interface ModelSource {
  /** Every model that can be named, the one that answers by default first. */
  list(): readonly ListedModel[]
  /** `chosen` is the alias that a person chose for the session: it wins over the agent's, and that over the default. A name that is no alias
   *  is a model id of the default's provider; a chosen one that is gone from the settings counts as none. */
  chainFor(agent: AgentDefinition, chosen: string | null): ModelChain
}

/** Who routes does so with its own model, where it has one: it may be a smaller one than the session's. */
export function routingChain(models: ModelSource, router: AgentDefinition, chosen: string | null): ModelChain {
  return models.chainFor(router, router.model === undefined ? chosen : null)
}
