import type { Clock } from '../application/ports/clock.ts'
import type { LanguageModel } from '../application/ports/language-model.ts'
import type { Log } from '../application/ports/log.ts'
import type { ModelSource } from '../application/ports/model-source.ts'
import type { Config } from '../config.ts'
import { withMeters } from '../infrastructure/observability/metered-model.ts'
import type { Meters } from '../infrastructure/observability/meters.ts'
import { Breaker, type BreakerState, withBreaker } from '../infrastructure/resilience/circuit-breaker.ts'
import { withRetry } from '../infrastructure/resilience/retry.ts'

export interface Models extends ModelSource {
  /** Whose server it is: one of a closed set. */
  readonly provider: string
  /** How the upstream does; undefined for the demo model, which has none. */
  upstream(): BreakerState | undefined
}

/** The configured model, with retry around it and the breaker of its upstream around that; an agent that names one of its own gets that
 *  from the same provider. Adapters are loaded when they are chosen: a start needs only one of them. */
export async function createModels(config: Config, clock: Clock, log: Log, meters: Meters): Promise<Models> {
  const create = await createAdapter(config, clock)
  const { breakerFailures: failures, breakerWindowMs: windowMs, breakerOpenMs: openMs } = config.limits
  const breaker = new Breaker({ failures, windowMs, openMs, clock, log })
  const retry = {
    retries: config.limits.upstreamRetries,
    clock,
    random: Math.random,
    log,
    mayRetry: () => breaker.state.state === 'closed',
  }
  const models = new Map<string, LanguageModel>()
  const modelNamed = (id: string): LanguageModel => {
    const known = models.get(id)
    if (known) return known
    const model = withMeters(withBreaker(withRetry(create(id), retry), breaker), meters, clock)
    models.set(id, model)
    return model
  }
  const demo = config.model.kind === 'demo'
  const configured = config.model.kind === 'demo' ? 'demo' : config.model.model
  return {
    provider: config.model.kind,
    modelFor: (agent) => modelNamed(demo ? configured : (agent.model ?? configured)),
    upstream: () => (demo ? undefined : breaker.state),
  }
}

async function createAdapter(config: Config, clock: Clock): Promise<(model: string) => LanguageModel> {
  const chosen = config.model
  const limits = upstreamLimits(config)
  if (chosen.kind === 'demo') {
    const { createDemoModel } = await import('../infrastructure/models/demo/demo-model.ts')
    return () => createDemoModel({ clock })
  }
  if (chosen.kind === 'anthropic') {
    const { createAnthropicModel } = await import('../infrastructure/models/ai-sdk/anthropic.ts')
    const { apiKey, baseUrl } = chosen
    return (model) => createAnthropicModel({ apiKey, baseUrl, model, limits })
  }
  const [{ createOpenAICompatibleModel }, { createUpstreamAgent }] = await Promise.all([
    import('../infrastructure/models/openai-compatible/adapter.ts'),
    import('../infrastructure/models/upstream/agent.ts'),
  ])
  const dispatcher = createUpstreamAgent(limits)
  const headers: Record<string, string> =
    chosen.kind === 'llm-proxy'
      ? { 'x-internal-auth': chosen.key }
      : chosen.apiKey === undefined
        ? {}
        : { authorization: `Bearer ${chosen.apiKey}` }
  const { kind: provider, url: baseUrl } = chosen
  return (model) =>
    createOpenAICompatibleModel({ provider, baseUrl, model, headers, limits, streaming: 'auto', dispatcher })
}

function upstreamLimits({ limits }: Config) {
  return {
    connectMs: limits.upstreamConnectMs,
    headersMs: limits.upstreamHeadersMs,
    firstDataMs: limits.upstreamFirstDataMs,
    idleMs: limits.upstreamIdleMs,
    totalMs: limits.upstreamTotalMs,
    answerBytes: limits.answerBytes,
  }
}
