/** What a million tokens cost, in US dollars; `cached` is null when nobody said what cached input costs. */
export interface Price {
  readonly input: number
  readonly output: number
  readonly cached: number | null
}

/** `auto`: as the provider does it by itself. `marks`: places to cache are marked in the request. `off`: they never are. */
export type CacheMode = 'auto' | 'marks' | 'off'

/** What is known of a model that can be named. Null: nobody said. */
export interface ModelFacts {
  /** Under which agents, sessions and people name it. */
  readonly alias: string
  /** Tokens that a request and its answer may have together. */
  readonly context: number | null
  readonly maxOutput: number | null
  readonly images: boolean | null
  readonly cache: CacheMode
  readonly streaming: 'auto' | 'always' | 'never'
  readonly price: Price | null
  /** Aliases of those that are asked when this one is away, in order. */
  readonly fallback: readonly string[]
}

export interface TokenCounts {
  /** Cached ones included. */
  readonly inputTokens: number
  readonly cachedTokens: number
  readonly outputTokens: number
}

/** What a call cost, in US dollars; null when a price or the usage is not known: never a guess. */
export function costOf(price: Price | null, tokens: TokenCounts): number | null {
  const { inputTokens, cachedTokens, outputTokens } = tokens
  // No request is without input: a provider that counts none does not say what it used.
  if (!price || inputTokens <= 0) return null
  if (cachedTokens > 0 && price.cached === null) return null
  const fresh = Math.max(0, inputTokens - cachedTokens)
  const perMillion = fresh * price.input + cachedTokens * (price.cached ?? 0) + outputTokens * price.output
  return perMillion / 1_000_000
}
