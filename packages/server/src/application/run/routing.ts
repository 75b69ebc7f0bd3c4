import type { AgentDefinition } from '../../domain/agent.ts'
import { textOf } from '../../domain/message.ts'
import type { Agents } from '../agents.ts'
import type { LanguageModel, ModelAnswer } from '../ports/language-model.ts'
import { AnswerCollector } from './collect-answer.ts'

export interface Route {
  readonly agent: AgentDefinition
  readonly reason: string
  readonly confidence: string
}

const temperature = 0.3

/** With one specialist there is nothing to choose (PROTOCOL 4.5). */
export function onlyRoute(agents: Agents): Route | undefined {
  const [agent] = agents.specialists
  if (!agent || agents.mode !== 'single') return undefined
  return { agent, reason: 'Single-agent mode: only Universal agent available', confidence: 'high' }
}

/** Asks the model who should answer; one call, not streamed, without tools (PROTOCOL 4.4). Throws what the model throws. */
export async function classify(
  agents: Agents,
  model: LanguageModel,
  request: string,
  signal: AbortSignal,
): Promise<ModelAnswer> {
  const collector = new AnswerCollector()
  const text = agents.classifier.template.replace('{request}', () => request)
  const call = {
    purpose: 'classify' as const,
    system: agents.classifier.system,
    messages: [{ role: 'user' as const, parts: [{ type: 'text' as const, text }] }],
    tools: [],
    temperature,
  }
  for await (const event of model.stream(call, signal)) collector.add(event)
  return collector.finish()
}

/** Reads the classifier's answer; undefined when it holds no JSON object. */
export function routeFrom(agents: Agents, answer: ModelAnswer): Route | undefined {
  const choice = readChoice(textOf(answer.parts))
  if (!choice) return undefined
  const name = typeof choice['agent'] === 'string' ? choice['agent'].toLowerCase() : ''
  const agent = specialist(agents, name)
  const { reasoning, confidence } = choice
  return {
    agent,
    reason: typeof reasoning === 'string' && reasoning !== '' ? reasoning : `Task classified as ${agent.name}`,
    confidence: typeof confidence === 'string' && confidence !== '' ? confidence : 'medium',
  }
}

/** For when the model cannot be asked: words of the message decide. */
export function routeByKeywords(agents: Agents, request: string): Route {
  const text = request.toLowerCase()
  const group = agents.classifier.keywords.find(({ words }) => words.some((word) => text.includes(word)))
  return {
    agent: specialist(agents, group?.agent ?? agents.classifier.fallbackAgent),
    reason: 'Fallback classification due to LLM error',
    confidence: 'low',
  }
}

function specialist(agents: Agents, name: string): AgentDefinition {
  const find = (wanted: string) => agents.specialists.find((agent) => agent.name === wanted)
  const agent = find(name) ?? find(agents.classifier.fallbackAgent) ?? agents.specialists[0]
  return agent ?? agents.router
}

function readChoice(text: string): Record<string, unknown> | undefined {
  const fenced = /```json\s*([\s\S]*?)```/.exec(text)?.[1] ?? /```\s*([\s\S]*?)```/.exec(text)?.[1]
  for (const candidate of [text, fenced]) {
    if (candidate === undefined) continue
    try {
      const value: unknown = JSON.parse(candidate)
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
    } catch {
      // The next form may be one.
    }
  }
  return undefined
}
