import type { Clock } from '../application/ports/clock.ts'
import type { Log } from '../application/ports/log.ts'
import type { ModelSource, NamedModel } from '../application/ports/model-source.ts'
import type { Config, ModelChoice, ModelEntry } from '../config.ts'
import { withSettingNames } from '../infrastructure/models/upstream/setting-names.ts'
import { withMeters } from '../infrastructure/observability/metered-model.ts'
import type { Meters } from '../infrastructure/observability/meters.ts'
import { Breaker, type BreakerState, withBreaker } from '../infrastructure/resilience/circuit-breaker.ts'
import { withRetry } from '../infrastructure/resilience/retry.ts'
import { createUpstream, type Upstream } from './upstreams.ts'

export interface Models extends ModelSource {
  /** Whose server it is: one of a closed set. */
  readonly provider: string
  /** How the upstream of the default model does; undefined for the demo model, which has none. */
  upstream(): BreakerState | undefined
}

interface Guarded {
  readonly upstream: Upstream
  readonly breaker: Breaker
}

/** The configured models: retry around each, the breaker of its upstream around that. Adapters are loaded when they are named in the
 *  settings: a start needs only those. */
export async function createModels(config: Config, clock: Clock, log: Log, meters: Meters): Promise<Models> {
  const upstreams = await openUpstreams(config, clock, log)
  const guardedOf = ({ choice }: ModelEntry): Guarded => {
    const found = upstreams.get(addressOf(choice))
    if (!found) throw new Error('A model without its upstream')
    return found
  }
  const made = new Map<string, NamedModel>()
  const named = (entry: ModelEntry, id = idOf(entry.choice)): NamedModel => {
    const key = `${entry.alias} ${id}`
    const known = made.get(key)
    if (known) return known
    const { upstream, breaker } = guardedOf(entry)
    const mayRetry = () => breaker.state.state === 'closed'
    const retry = { retries: config.limits.upstreamRetries, clock, random: Math.random, log, mayRetry }
    const model = withSettingNames(upstream.create(id, entry), entry.settings)
    const facts = id === idOf(entry.choice) ? entry : { ...entry, ...unknown, alias: id }
    const contextTokens = facts.context ?? undefined
    const guarded = withMeters(withBreaker(withRetry(model, retry), breaker), meters, clock)
    const fresh = { facts, language: { ...guarded, contextTokens } }
    made.set(key, fresh)
    return fresh
  }
  const [standard] = config.models
  const find = (alias: string | null | undefined) => config.models.find((entry) => entry.alias === alias)
  const hasUpstream = (entry: ModelEntry) => entry.choice.kind !== 'demo'
  return {
    provider: config.model.kind,
    list: () =>
      config.models.map((entry) => ({
        facts: entry,
        provider: entry.choice.kind,
        id: idOf(entry.choice),
        upstream: hasUpstream(entry) ? guardedOf(entry).breaker.state : null,
      })),
    chainFor: (agent, chosen) => {
      const entry = find(chosen) ?? find(agent.model)
      // A name that is no alias is a model of the same provider; the demo has no others.
      const other = !entry && agent.model !== undefined && hasUpstream(standard) ? agent.model : undefined
      const first = entry ?? standard
      const fallbacks = first.fallback.flatMap((alias) => find(alias) ?? [])
      return [other === undefined ? named(first) : named(standard, other), ...fallbacks.map((next) => named(next))]
    },
    upstream: () => (hasUpstream(standard) ? guardedOf(standard).breaker.state : undefined),
  }
}

const unknown = { context: null, maxOutput: null, images: null, price: null } as const

async function openUpstreams(config: Config, clock: Clock, log: Log): Promise<ReadonlyMap<string, Guarded>> {
  const { breakerFailures: failures, breakerWindowMs: windowMs, breakerOpenMs: openMs } = config.limits
  const upstreams = new Map<string, Guarded>()
  for (const { choice } of config.models) {
    const address = addressOf(choice)
    if (upstreams.has(address)) continue
    const breaker = new Breaker({ failures, windowMs, openMs, clock, log })
    upstreams.set(address, { upstream: await createUpstream(choice, config.limits, clock), breaker })
  }
  return upstreams
}

/** Models of one address share a breaker: when it is away, all of them are. */
function addressOf(choice: ModelChoice): string {
  switch (choice.kind) {
    case 'demo':
      return 'demo'
    case 'anthropic':
      return JSON.stringify([choice.kind, choice.baseUrl, choice.apiKey])
    case 'llm-proxy':
      return JSON.stringify([choice.kind, choice.url])
    case 'openai-compatible':
      return JSON.stringify([choice.kind, choice.url, choice.apiKey])
  }
}

function idOf(choice: ModelChoice): string {
  return choice.kind === 'demo' ? 'demo' : choice.model
}
