import type { Project } from './client-rules.ts'
import type { Rule, SourcedRule } from './rules.ts'

/** A rule that a person made for good: for one session, or for a project of theirs. */
export interface Grant extends Rule {
  readonly id: string
  readonly ownerId: string
  /** The session that it holds in; null for a project's. */
  readonly sid: string | null
  readonly project: Project | null
  /** The session in which it was made. */
  readonly madeIn: string
  readonly createdAt: number
  /** Id of the client that made it. */
  readonly createdBy: string | null
}

export function asRule({ id, tool, pattern, effect, sid }: Grant): SourcedRule {
  return { id, tool, pattern, effect, source: sid === null ? 'project' : 'session' }
}
