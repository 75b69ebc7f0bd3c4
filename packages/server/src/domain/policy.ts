import { protectedPath } from './paths.ts'
import type { ToolClass } from './tool.ts'

/** Which calls need a person (PROTOCOL 6.1). `tool` is a pattern of shell wildcards over the whole name: `*`, `?`, `[seq]`, `[!seq]`. */
export interface PolicyRule {
  readonly tool: string
  readonly requiresApproval: boolean
  readonly reason: string | null
}

export interface Policy {
  readonly enabled: boolean
  /** The first that matches decides. */
  readonly rules: readonly PolicyRule[]
  readonly defaultRequiresApproval: boolean
}

export interface PolicyDecision {
  readonly requiresApproval: boolean
  readonly reason: string | null
  /** The pattern of the rule that decided; null when the default or a protected path did. */
  readonly rule: string | null
}

/** `paths` are the normalised ones of the call. A protected path asks whatever the rules say (DESIGN 8). */
export function decide(policy: Policy, tool: string, toolClass: ToolClass, paths: readonly string[]): PolicyDecision {
  const kind = toolClass === 'read' ? 'read' : 'write'
  if (paths.some((path) => protectedPath(path, kind) === 'ask')) {
    return { requiresApproval: true, reason: 'The file may hold secrets', rule: null }
  }
  if (!policy.enabled) return { requiresApproval: false, reason: null, rule: null }
  const rule = policy.rules.find((candidate) => wildcardExpression(candidate.tool).test(tool))
  if (!rule) return { requiresApproval: policy.defaultRequiresApproval, reason: null, rule: null }
  return { requiresApproval: rule.requiresApproval, reason: rule.reason, rule: rule.tool }
}

/** A shell wildcard as an expression over the whole name, with regard to case. */
export function wildcardExpression(pattern: string): RegExp {
  const source = pattern.replace(
    /\[(!?)([^\]]+)\]|[*?]|[.+^${}()|\\[\]]/g,
    (match, not: string, set: string | undefined) => {
      if (set !== undefined) return `[${not ? '^' : ''}${set.replace(/[\\\]^]/g, '\\$&')}]`
      if (match === '*') return '.*'
      return match === '?' ? '.' : `\\${match}`
    },
  )
  return new RegExp(`^(?:${source})$`, 's')
}
