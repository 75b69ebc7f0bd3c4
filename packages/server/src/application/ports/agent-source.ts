import type { AgentDefinition } from '../../domain/agent.ts'

/** How the first message of a session is given to an agent (PROTOCOL 4.4). */
export interface Classifier {
  /** System text of the classification call. */
  readonly system: string
  /** User text of it; `{request}` stands for the person's message. Put it in by a function, never by a replacement text: a message may
   *  hold `$&`. */
  readonly template: string
  /** For when the model cannot be asked: the first group with a word that the lower-cased message contains wins. */
  readonly keywords: readonly KeywordGroup[]
  /** Who answers when nothing else says so. */
  readonly fallbackAgent: string
}

export interface KeywordGroup {
  readonly agent: string
  readonly words: readonly string[]
}

export interface AgentCatalogue {
  /** In order of registration. Exactly one router for each mode that has agents. */
  readonly agents: readonly AgentDefinition[]
  readonly classifier: Classifier
  /** What `include` may name, by file name. */
  readonly fragments?: ReadonlyMap<string, string>
}

/** Where agents come from. */
export interface AgentSource {
  /** Throws `invalid_input` with all faults at once, each with its file and line, in `details.faults` (`AgentFault[]`). */
  load(): Promise<AgentCatalogue>
}

export interface AgentFault {
  /** File name, without the folder. */
  readonly file: string
  /** Counted from 1. */
  readonly line: number
  /** What is wrong and what belongs there. */
  readonly text: string
}

/** Characters of an agent's file from a workspace. */
export const longestAgentFile = 16 * 1024

/** A file of a workspace's `.codelab/agents`, which its person trusted. */
export interface AgentFile {
  readonly path: string
  readonly text: string
  readonly sha256: string | null
}

export interface WorkspaceAgents {
  readonly agents: readonly AgentDefinition[]
  /** What was left out, and why. */
  readonly faults: readonly AgentFault[]
}

/** Reads agents that come from a workspace. They never widen what is allowed: tools that there are not are left out, and an agent that takes
 *  the place of another keeps within its tools and its rules. */
export interface WorkspaceAgentReader {
  read(files: readonly AgentFile[], known: readonly AgentDefinition[]): WorkspaceAgents
}
