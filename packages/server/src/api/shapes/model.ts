import type { ModelItem, SessionUsage } from '@codelab/protocol'
import type { ListedModel, ModelUsage } from '../../application/index.ts'

/** Never a key or an address. */
export function modelItem({ facts, provider, id, upstream }: ListedModel, place: number): ModelItem {
  const { alias, context, maxOutput, images, cache, streaming, price, fallback } = facts
  return {
    alias,
    provider,
    id,
    default: place === 0,
    context,
    max_output: maxOutput,
    images,
    cache,
    streaming,
    price,
    fallback: [...fallback],
    upstream: upstream && { state: upstream.state, retry_after_ms: upstream.retryAfterMs },
  }
}

export function sessionUsage(sessionId: string, rows: readonly ModelUsage[]): SessionUsage {
  return {
    session_id: sessionId,
    total: figures(
      rows.reduce(
        (sum, row) => ({
          calls: sum.calls + row.calls,
          inputTokens: sum.inputTokens + row.inputTokens,
          cachedTokens: sum.cachedTokens + row.cachedTokens,
          outputTokens: sum.outputTokens + row.outputTokens,
          reasoningTokens: sum.reasoningTokens + row.reasoningTokens,
          cost: sum.cost === null || row.cost === null ? null : sum.cost + row.cost,
        }),
        none,
      ),
    ),
    models: rows.map((row) => ({ alias: row.alias, provider: row.provider, model: row.model, ...figures(row) })),
  }
}

type Figures = Omit<ModelUsage, 'alias' | 'provider' | 'model'>

const none: Figures = { calls: 0, inputTokens: 0, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0, cost: 0 }

function figures({ calls, inputTokens, cachedTokens, outputTokens, reasoningTokens, cost }: Figures) {
  return {
    calls,
    input_tokens: inputTokens,
    cached_tokens: cachedTokens,
    output_tokens: outputTokens,
    reasoning_tokens: reasoningTokens,
    // Sums of fractions end in noise.
    cost: cost === null ? null : Number(cost.toFixed(9)),
  }
}
