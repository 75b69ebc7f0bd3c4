import { type AgentDefinition, type AgentMode, agentsIn } from '../domain/agent.ts'
import { RuntimeError } from '../domain/errors.ts'
import type { AgentCatalogue, Classifier } from './ports/agent-source.ts'

/** The agents of this process. */
export interface Agents {
  readonly mode: AgentMode
  readonly classifier: Classifier
  /** In order of registration. */
  readonly list: readonly AgentDefinition[]
  readonly router: AgentDefinition
  readonly specialists: readonly AgentDefinition[]
  find(name: string): AgentDefinition | undefined
  /** The agent of a session; one that is not registered in this mode is the router (PROTOCOL 4.5). */
  current(name: string): AgentDefinition
  /** The agent a client or a model named. Throws `agent_unknown`: `Invalid agent type: x` for a name nobody has, else the list of those
   *  that are registered in this mode. */
  require(name: string): AgentDefinition
}

/** Throws `invalid_input` when the mode has no router or no specialist. */
export function createAgents(catalogue: AgentCatalogue, mode: AgentMode): Agents {
  const list = agentsIn(catalogue.agents, mode)
  const router = list.find((agent) => agent.role === 'router')
  const specialists = list.filter((agent) => agent.role === 'specialist')
  if (!router || specialists.length === 0) throw new RuntimeError('invalid_input', `No agents for the mode ${mode}`)
  const byName = new Map(list.map((agent) => [agent.name, agent]))
  const known = new Set(catalogue.agents.map((agent) => agent.name))
  return {
    mode,
    classifier: catalogue.classifier,
    list,
    router,
    specialists,
    find: (name) => byName.get(name),
    current: (name) => byName.get(name) ?? router,
    require: (name) => {
      const agent = byName.get(name)
      if (agent) return agent
      const names = list.map((entry) => entry.name).join(', ')
      if (!known.has(name)) {
        throw new RuntimeError('agent_unknown', `Invalid agent type: ${name}`, {
          details: { hint: `Use one of: ${names}.` },
        })
      }
      throw new RuntimeError('agent_unknown', `Agent '${name}' not found. Available agents: ${names}`)
    },
  }
}
