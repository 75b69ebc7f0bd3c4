import type { Rule, RuleEffect, SourcedRule } from './rules.ts'
import type { ClientProfile } from './session.ts'

/** The project that a client works in: an id of its own making, and a name for people. */
export interface Project {
  readonly id: string
  readonly name: string
}

/** Whether calls are judged by rules: for a client that says who it is, or what it can run. All others keep the contract's policy. */
export function isJudgedByRules(client: ClientProfile | null): client is ClientProfile {
  return client !== null && (client.id !== null || client.name !== null || client.tools !== null)
}

export function projectOf(client: ClientProfile | null): Project | null {
  const project = client?.context?.['project']
  if (!isRecord(project)) return null
  const { id, name } = project
  return typeof id === 'string' && typeof name === 'string' ? { id, name } : null
}

/** Rules of the client's folder, which the person trusted. */
export function folderRulesOf(client: ClientProfile | null): readonly SourcedRule[] {
  const rules = client?.context?.['rules']
  return Array.isArray(rules) ? rules.filter(isRule).map((rule) => ({ ...rule, source: 'folder', id: null })) : []
}

export function runsOnWindows(client: ClientProfile | null): boolean {
  const system = client?.context?.['os']
  return typeof system === 'string' && /^win/i.test(system.trim())
}

const effects: ReadonlySet<unknown> = new Set<RuleEffect>(['allow', 'ask', 'deny'])

function isRule(value: unknown): value is Rule {
  if (!isRecord(value)) return false
  return typeof value['tool'] === 'string' && typeof value['pattern'] === 'string' && effects.has(value['effect'])
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
