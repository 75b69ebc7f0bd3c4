import type { AgentDefinition } from '../../domain/agent.ts'
import type { ClientProfile } from '../../domain/session.ts'
import { shippedClientTools, type Tool } from '../../domain/tool.ts'
import type { Agents } from '../agents.ts'
import type { ToolDefinition } from '../ports/language-model.ts'

/** How a tool is carried out for the client of a turn: by the client, here, or by other tools of the client. */
export type Execution = 'client' | 'runtime' | 'lowered'

/** Undefined: not at all. */
export function executionOf(tool: Tool, client: ClientProfile | null): Execution | undefined {
  if (tool.executor === 'runtime') return tool.forDeclared && !declaresTools(client) ? undefined : 'runtime'
  if ((client?.tools ?? shippedClientTools).includes(tool.name)) return 'client'
  // What files look like in the results of a client of which nothing is known, nobody knows.
  return tool.lowered && !declaresTools(client) ? 'lowered' : undefined
}

/** A client that does not say which tools it runs is the shipped IDE (DESIGN 7). */
export function declaresTools(client: ClientProfile | null): boolean {
  return client !== null && client.tools !== null
}

/** What the model is told of: the agent's tools that the client of the turn can run (DESIGN 7). A question to the person needs no tool of
 *  the client, but only a client that says what it is will show it as one. */
export function offeredTools(
  { tools, agents }: { readonly tools: readonly Tool[]; readonly agents: Agents },
  agent: AgentDefinition,
  client: ClientProfile | null,
): ToolDefinition[] {
  const offered = tools
    .filter((tool) => tool.offered && agent.tools.includes(tool.name))
    .filter((tool) => executionOf(tool, client) !== undefined || (tool.class === 'ask' && client !== null))
  const names = new Set(offered.map((tool) => tool.name))
  return offered.map((tool) => {
    const beside = tool.beside && names.has(tool.beside.tool) ? tool.beside : undefined
    const parameters = parametersOf(tool, agents)
    return {
      name: tool.name,
      description: beside?.description ?? tool.description,
      parameters: beside?.properties ? withProperties(parameters, beside.properties) : parameters,
    }
  })
}

/** A handoff names one of the agents that there are: those that were added as files too. */
function parametersOf(tool: Tool, agents: Agents): ToolDefinition['parameters'] {
  if (tool.class !== 'handoff') return tool.parameters
  const properties = tool.parameters['properties'] as Readonly<Record<string, object>>
  const mode = { ...properties['mode'], enum: agents.list.map((agent) => agent.name) }
  return { ...tool.parameters, properties: { ...properties, mode } }
}

function withProperties(
  parameters: ToolDefinition['parameters'],
  more: Readonly<Record<string, object>>,
): ToolDefinition['parameters'] {
  return { ...parameters, properties: { ...(parameters['properties'] as object), ...more } }
}
