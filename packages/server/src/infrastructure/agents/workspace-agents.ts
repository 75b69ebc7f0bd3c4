import { createHash } from 'node:crypto'
import type {
  AgentFault,
  AgentFile,
  WorkspaceAgentReader,
  WorkspaceAgents,
} from '../../application/ports/agent-source.ts'
import { longestAgentFile } from '../../application/ports/agent-source.ts'
import type { AgentDefinition } from '../../domain/agent.ts'
import { AgentReader, classifierFile, isFragment } from './assemble-catalogue.ts'

export interface WorkspaceAgentOptions {
  /** Every tool that there is. */
  readonly knownTools: readonly string[]
  /** Models that a file may name. */
  readonly aliases: readonly string[]
  /** Ours that `include` may name. */
  readonly fragments: ReadonlyMap<string, string>
}

const mostFaults = 16
const longestFault = 300

/** Agents that a workspace has as files: the same form as everywhere, read with more care. */
export function createWorkspaceAgentReader(options: WorkspaceAgentOptions): WorkspaceAgentReader {
  return {
    read(files, known) {
      const reading = new WorkspaceReading(options, known)
      const sound = files.filter((file) => reading.checkFile(file))
      for (const file of sound) if (isFragment(nameOf(file))) reading.fragments.set(nameOf(file), file.text)
      for (const file of sound) reading.add(file)
      return reading.result()
    },
  }
}

class WorkspaceReading {
  readonly fragments: Map<string, string>
  readonly #options: WorkspaceAgentOptions
  readonly #known: readonly AgentDefinition[]
  readonly #faults: AgentFault[] = []
  readonly #agents = new Map<string, AgentDefinition>()

  constructor(options: WorkspaceAgentOptions, known: readonly AgentDefinition[]) {
    this.#options = options
    this.#known = known
    this.fragments = new Map(options.fragments)
  }

  result(): WorkspaceAgents {
    const faults = this.#faults.slice(0, mostFaults).map((fault) => ({
      ...fault,
      text: fault.text.slice(0, longestFault),
    }))
    return { agents: [...this.#agents.values()], faults }
  }

  checkFile({ path, text, sha256 }: AgentFile): boolean {
    if (text.length > longestAgentFile) {
      this.#fault(path, 1, `The file is longer than ${longestAgentFile / 1024} KiB`)
      return false
    }
    if (sha256 === null || createHash('sha256').update(text).digest('hex') === sha256.toLowerCase()) return true
    this.#fault(path, 1, 'The text is not the one that its hash names')
    return false
  }

  add(file: AgentFile): void {
    const name = nameOf(file)
    if (isFragment(name)) return
    if (name === classifierFile) {
      this.#fault(file.path, 1, 'Who routes is the matter of the server: this file is left out')
      return
    }
    const faults: AgentFault[] = []
    const agent = new AgentReader(this.fragments, undefined, faults).read(file.path, file.text, new Map())?.agent
    this.#faults.push(...faults)
    // A rule that could not be read would allow everything.
    if (!agent || faults.length > 0) return
    const refusal = this.#refusal(agent)
    if (refusal === undefined) this.#agents.set(agent.name, this.#narrowed(agent, file.path))
    else this.#fault(file.path, 1, refusal)
  }

  #refusal(agent: AgentDefinition): string | undefined {
    const replaced = this.#known.find(({ name }) => name === agent.name)
    if (agent.role === 'router' || replaced?.role === 'router') return 'Who routes is the matter of the server'
    if (this.#agents.has(agent.name)) return `The agent '${agent.name}' is in another file too`
    return undefined
  }

  #narrowed(agent: AgentDefinition, path: string): AgentDefinition {
    const { knownTools, aliases } = this.#options
    const { model, ...rest } = agent
    const isAlias = model !== undefined && aliases.includes(model)
    if (model !== undefined && !isAlias) {
      this.#fault(path, 1, `There is no model '${model}'. Known: ${aliases.join(', ')}. The default answers`)
    }
    const replaced = this.#known.find(({ name }) => name === agent.name)
    const allowed = replaced ? replaced.tools : knownTools
    const left = agent.tools.filter((tool) => !allowed.includes(tool))
    if (left.length > 0) {
      const why = replaced ? `the agent '${agent.name}' of the server does not have` : 'there is not'
      this.#fault(path, 1, `Left out, because ${why}: ${left.join(', ')}`)
    }
    const ruled = new Set(replaced?.fileRules.flatMap((rule) => rule.tools))
    const ownRules = agent.fileRules.filter((rule) => !rule.tools.some((tool) => ruled.has(tool)))
    return {
      ...rest,
      ...(isAlias ? { model } : {}),
      tools: agent.tools.filter((tool) => allowed.includes(tool)),
      fileRules: [...(replaced?.fileRules ?? []), ...ownRules],
    }
  }

  #fault(file: string, line: number, text: string): void {
    this.#faults.push({ file, line, text })
  }
}

function nameOf({ path }: AgentFile): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
}
