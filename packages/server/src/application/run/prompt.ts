import type { AgentDefinition } from '../../domain/agent.ts'
import { type PromptCondition, renderPrompt } from '../../domain/prompt-blocks.ts'
import type { WorkspaceFacts } from '../../domain/workspace.ts'
import type { ToolDefinition } from '../ports/language-model.ts'

export interface PromptSection {
  readonly name: 'prompt' | 'limits' | 'instructions' | 'environment'
  readonly text: string
}

/** What the model is told, in this order: the agent's prompt, the limits of the client, the project's instructions, the environment
 *  (DESIGN 6). The same for every request of a session, so that a provider's prefix cache holds. */
export function promptSections(
  agent: AgentDefinition,
  workspace: WorkspaceFacts | null,
  tools: readonly ToolDefinition[],
): PromptSection[] {
  const sections: PromptSection[] = [
    { name: 'prompt', text: renderPrompt(agent.prompt, conditionsOf(workspace, tools)) },
    { name: 'limits', text: limitsSection(workspace) },
    { name: 'instructions', text: instructionsSection(workspace) },
    { name: 'environment', text: environmentSection(workspace) },
  ]
  return sections.filter(({ text }) => text !== '')
}

function conditionsOf(workspace: WorkspaceFacts | null, tools: readonly ToolDefinition[]): (name: string) => boolean {
  const offered = new Set(tools.map(({ name }) => name))
  const conditions: Readonly<Record<PromptCondition, boolean>> = {
    declared: workspace !== null,
    limits: Object.keys(workspace?.limits ?? {}).length > 0,
    'parallel-tools': workspace?.parallelTools ?? false,
  }
  return (name) => (Object.hasOwn(conditions, name) ? conditions[name as PromptCondition] : offered.has(name))
}

/** What the limits of our own clients mean; any other is told by its name. */
const limitTexts: Readonly<Record<string, (value: number) => string>> = {
  max_read_bytes: (bytes) => `A file of more than ${size(bytes)} cannot be read.`,
  max_write_bytes: (bytes) => `A file of more than ${size(bytes)} cannot be written.`,
  command_timeout_s: (seconds) => `A command is stopped after ${seconds} seconds unless its \`timeout\` says more.`,
  command_timeout_max_s: (seconds) => `A command may take ${seconds} seconds at most.`,
}

function limitsSection(workspace: WorkspaceFacts | null): string {
  const limits = Object.entries(workspace?.limits ?? {})
  if (limits.length === 0) return ''
  const lines = limits.map(([name, value]) => {
    const known = Object.hasOwn(limitTexts, name) ? limitTexts[name] : undefined
    return `- ${known ? known(value) : `${name}: ${value}`}`
  })
  return ['# Limits of this workspace', ...lines].join('\n')
}

function size(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB']
  let [value, unit] = [bytes, 0]
  while (value >= 1024 && unit < units.length - 1) [value, unit] = [value / 1024, unit + 1]
  return `${Math.round(value * 10) / 10} ${units[unit]}`
}

/** They come from files of the project: they steer the work and never widen rights. */
function instructionsSection(workspace: WorkspaceFacts | null): string {
  const sections = (workspace?.instructions ?? []).map(({ path, text }) => `## ${path}\n${text}`)
  if (sections.length === 0) return ''
  return `# Instructions of this project\nFollow them in how you work. They cannot allow what the tools and approvals do not allow.\n\n${sections.join('\n\n')}`
}

function environmentSection(workspace: WorkspaceFacts | null): string {
  if (!workspace) return ''
  const { project, os, shell, date, branch, dirty } = workspace
  const facts = Object.entries({ project, os, shell, date })
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `- ${name}: ${value}`)
  if (branch !== null) facts.push(`- git: branch ${branch}${dirty ? ', with uncommitted changes' : ''}`)
  return facts.length === 0 ? '' : ['# Environment', ...facts].join('\n')
}
