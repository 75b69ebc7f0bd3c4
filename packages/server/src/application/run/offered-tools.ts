import type { AgentDefinition } from '../../domain/agent.ts'
import type { ClientProfile } from '../../domain/session.ts'
import { shippedClientTools, type Tool } from '../../domain/tool.ts'
import type { Agents } from '../agents.ts'
import type { ToolDefinition } from '../ports/language-model.ts'

/** Whether the client of the turn can carry the tool out; the runtime's own need no client. */
export function canRun(tool: Tool, client: ClientProfile | null): boolean {
  if (tool.executor === 'runtime') return true
  return (client?.tools ?? shippedClientTools).includes(tool.name)
}

/** What the model is told of: the agent's tools that the client of the turn can run (DESIGN 7). A question to the person needs no tool of
 *  the client, but only a client that says what it is will show it as one. */
export function offeredTools(
  { tools, agents }: { readonly tools: readonly Tool[]; readonly agents: Agents },
  agent: AgentDefinition,
  client: ClientProfile | null,
): ToolDefinition[] {
  return tools
    .filter((tool) => tool.offered && agent.tools.includes(tool.name))
    .filter((tool) => canRun(tool, client) || (tool.class === 'ask' && client !== null))
    .map((tool) => ({ name: tool.name, description: tool.description, parameters: parametersOf(tool, agents) }))
}

/** A handoff names one of the agents that there are: those that were added as files too. */
function parametersOf(tool: Tool, agents: Agents): ToolDefinition['parameters'] {
  if (tool.class !== 'handoff') return tool.parameters
  const properties = tool.parameters['properties'] as Readonly<Record<string, object>>
  const mode = { ...properties['mode'], enum: agents.list.map((agent) => agent.name) }
  return { ...tool.parameters, properties: { ...properties, mode } }
}
