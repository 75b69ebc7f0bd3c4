import type { Clock } from '../application/ports/clock.ts'
import type { LanguageModel } from '../application/ports/language-model.ts'
import type { Config, ModelChoice, ModelEntry } from '../config.ts'
import type { ModelFacts } from '../domain/model.ts'
import { withSettingNames } from '../infrastructure/models/upstream/setting-names.ts'
import { systemClock } from '../infrastructure/system-clock.ts'

/** One address with its connections; makes the models that are asked there. */
export interface Upstream {
  create(id: string, facts: Pick<ModelFacts, 'streaming' | 'maxOutput' | 'cache'>): LanguageModel
}

/** Loads the adapter of a choice. */
export async function createUpstream(
  choice: ModelChoice,
  configured: Config['limits'],
  clock: Clock,
): Promise<Upstream> {
  const limits = upstreamLimits(configured)
  if (choice.kind === 'demo') {
    const { createDemoModel } = await import('../infrastructure/models/demo/demo-model.ts')
    return { create: () => createDemoModel({ clock }) }
  }
  if (choice.kind === 'anthropic') {
    const { createAnthropicModel } = await import('../infrastructure/models/ai-sdk/anthropic.ts')
    const { apiKey, baseUrl } = choice
    return {
      create: (model, { maxOutput, cache }) =>
        createAnthropicModel({ apiKey, baseUrl, model, limits, cache, ...(maxOutput === null ? {} : { maxOutput }) }),
    }
  }
  const [{ createOpenAICompatibleModel }, { createUpstreamAgent }] = await Promise.all([
    import('../infrastructure/models/openai-compatible/adapter.ts'),
    import('../infrastructure/models/upstream/agent.ts'),
  ])
  const dispatcher = createUpstreamAgent(limits)
  const { kind: provider, url: baseUrl } = choice
  const headers = headersOf(choice)
  return {
    create: (model, { streaming, cache }) =>
      createOpenAICompatibleModel({ provider, baseUrl, model, headers, limits, streaming, cache, dispatcher }),
  }
}

/** A model as it is, without retries and without a breaker: for whoever wants to see what it does. */
export async function openModel(entry: ModelEntry, configured: Config['limits']): Promise<LanguageModel> {
  const { choice, settings } = entry
  const upstream = await createUpstream(choice, configured, systemClock)
  return withSettingNames(upstream.create(choice.kind === 'demo' ? 'demo' : choice.model, entry), settings)
}

function headersOf(choice: Extract<ModelChoice, { kind: 'llm-proxy' | 'openai-compatible' }>): Record<string, string> {
  if (choice.kind === 'llm-proxy') return { 'x-internal-auth': choice.key }
  return choice.apiKey === undefined ? {} : { authorization: `Bearer ${choice.apiKey}` }
}

function upstreamLimits(limits: Config['limits']) {
  return {
    connectMs: limits.upstreamConnectMs,
    headersMs: limits.upstreamHeadersMs,
    firstDataMs: limits.upstreamFirstDataMs,
    idleMs: limits.upstreamIdleMs,
    totalMs: limits.upstreamTotalMs,
    answerBytes: limits.answerBytes,
  }
}
