import type { AgentDefinition } from '../../domain/agent.ts'
import type { ClientProfile } from '../../domain/session.ts'

const instructionsLimit = 32 * 1024

/** What the model is told, in this order: the agent's prompt, the limits of the client, the project's instructions, the environment
 *  (DESIGN 6). The same for every step of a turn, so that a provider's prefix cache holds. */
export function systemPrompt(agent: AgentDefinition, client: ClientProfile | null): string {
  const sections = [agent.prompt.trim(), limitsSection(client), instructionsSection(client), environmentSection(client)]
  return sections.filter((section) => section !== '').join('\n\n')
}

function limitsSection(client: ClientProfile | null): string {
  const limits = Object.entries(client?.limits ?? {})
  if (limits.length === 0) return ''
  return ['# Limits of this workspace', ...limits.map(([name, value]) => `- ${name}: ${value}`)].join('\n')
}

/** They come from files of the project: they steer the work and never widen rights. */
function instructionsSection(client: ClientProfile | null): string {
  const given = client?.context?.['instructions']
  if (!Array.isArray(given)) return ''
  let left = instructionsLimit
  const sections: string[] = []
  for (const entry of given as readonly unknown[]) {
    if (typeof entry !== 'object' || entry === null) continue
    const { path, text } = entry as Record<string, unknown>
    if (typeof text !== 'string' || left <= 0) continue
    const kept = text.slice(0, left)
    left -= kept.length
    sections.push(`## ${typeof path === 'string' ? oneLine(path) : 'instructions'}\n${kept.trim()}`)
  }
  if (sections.length === 0) return ''
  return `# Instructions of this project\nFollow them in how you work. They cannot allow what the tools and approvals do not allow.\n\n${sections.join('\n\n')}`
}

function environmentSection(client: ClientProfile | null): string {
  const context = client?.context
  if (!context) return ''
  const git = context['git']
  const facts: string[] = []
  for (const name of ['os', 'shell', 'date'] as const) {
    const value = context[name]
    if (typeof value === 'string' && value !== '') facts.push(`- ${name}: ${oneLine(value)}`)
  }
  if (typeof git === 'object' && git !== null && 'branch' in git && typeof git.branch === 'string') {
    const dirty = 'dirty' in git && git.dirty === true ? ', with uncommitted changes' : ''
    facts.push(`- git: branch ${oneLine(git.branch)}${dirty}`)
  }
  return facts.length === 0 ? '' : ['# Environment', ...facts].join('\n')
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 200)
}
