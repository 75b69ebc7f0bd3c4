import type { AgentDefinition } from '../../domain/agent.ts'
import type { LanguageModel } from './language-model.ts'

/** Which model answers. */
export interface ModelSource {
  /** The agent's own model where its definition names one, else the configured one. */
  modelFor(agent: AgentDefinition): LanguageModel
}
