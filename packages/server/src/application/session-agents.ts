import type { AgentDefinition } from '../domain/agent.ts'
import type { ClientProfile } from '../domain/session.ts'
import { type Agents, createAgents } from './agents.ts'
import { type AgentFile, longestAgentFile, type WorkspaceAgentReader } from './ports/agent-source.ts'
import type { Transaction } from './ports/store.ts'
import type { Changes } from './run/changes.ts'

/** The agents of a session: those of the process, and those that its workspace has as files, for this session alone. */
export interface SessionAgents {
  of(tx: Transaction, sid: string): Promise<Agents>
  /** As they will be once a message of this client is taken. */
  upcoming(tx: Transaction, sid: string | undefined, client: ClientProfile | null): Promise<Agents>
  /** Keeps the files that a client declares. What is wrong with them becomes an event, never a failure. */
  declare(changes: Changes, client: ClientProfile | null): Promise<void>
}

const mostFiles = 16
const longestPath = 200
const mostCached = 32

export function createSessionAgents(agents: Agents, reader: WorkspaceAgentReader | undefined): SessionAgents {
  const cache = new Map<string, Agents>()

  function withFiles(filesJson: string | undefined): Agents {
    if (!reader || filesJson === undefined) return agents
    const known = cache.get(filesJson)
    if (known) return known
    const merged = withOwn(agents, reader.read(JSON.parse(filesJson) as AgentFile[], agents.list).agents)
    const [oldest] = cache.keys()
    if (oldest !== undefined && cache.size >= mostCached) cache.delete(oldest)
    cache.set(filesJson, merged)
    return merged
  }

  return {
    of: async (tx, sid) => withFiles(reader && (await tx.agentFiles.get(sid))),

    upcoming: async (tx, sid, client) => {
      const declared = declaredFiles(client)
      if (declared) return withFiles(JSON.stringify(declared))
      return withFiles(reader && sid !== undefined ? await tx.agentFiles.get(sid) : undefined)
    },

    declare: async (changes, client) => {
      const declared = declaredFiles(client)
      if (!reader || !declared) return
      const filesJson = JSON.stringify(declared)
      const before = await changes.tx.agentFiles.get(changes.sid)
      if (filesJson === before || (before === undefined && declared.length === 0)) return
      await changes.tx.agentFiles.put(changes.sid, filesJson)
      const read = reader.read(declared, agents.list)
      const names = read.agents.map(({ name }) => name)
      changes.add({ type: 'agents.declared', facts: { agents: names, faults: read.faults } })
    },
  }
}

/** An agent with the name of one there is takes its place. */
function withOwn(agents: Agents, own: readonly AgentDefinition[]): Agents {
  if (own.length === 0) return agents
  const replaced = agents.list.map((agent) => own.find(({ name }) => name === agent.name) ?? agent)
  const added = own.filter(({ name }) => !agents.find(name))
  // They belong to the mode of the process, whatever their files say.
  const list = [...replaced, ...added].map((agent) => ({ ...agent, modes: [agents.mode] }))
  return createAgents({ agents: list, classifier: agents.classifier }, agents.mode)
}

/** `context.agents`; undefined when the client does not speak of agents. */
function declaredFiles(client: ClientProfile | null): AgentFile[] | undefined {
  const given = client?.context?.['agents']
  if (!Array.isArray(given)) return undefined
  return given.slice(0, mostFiles).flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) return []
    const { path, text, sha256 } = entry as Readonly<Record<string, unknown>>
    if (typeof path !== 'string' || typeof text !== 'string') return []
    const file = path
      .toWellFormed()
      .replace(/\p{Cc}/gu, '\ufffd')
      .slice(0, longestPath)
    // One that is too long is named as such where it is read.
    return [
      { path: file, text: text.slice(0, longestAgentFile + 1), sha256: typeof sha256 === 'string' ? sha256 : null },
    ]
  })
}
