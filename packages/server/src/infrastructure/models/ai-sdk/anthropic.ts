import { type Dispatcher, fetch } from 'undici'
import type { LanguageModel } from '../../../application/ports/language-model.ts'
import type { CacheMode } from '../../../domain/model.ts'
import { createUpstreamAgent } from '../upstream/agent.ts'
import { versionedUrl } from '../upstream/base-url.ts'
import type { UpstreamLimits } from '../upstream/limits.ts'

export interface AnthropicOptions {
  readonly apiKey: string
  /** With or without `/v1`; `https://api.anthropic.com` by default. */
  readonly baseUrl?: string
  readonly model: string
  readonly limits: UpstreamLimits
  /** Tokens that the model may think; without it, it does not. */
  readonly thinkingBudget?: number
  /** Tokens that an answer may have; without it, what the package takes the model to be able to. */
  readonly maxOutput?: number
  /** Places to cache are marked unless it is `off`. */
  readonly cache?: CacheMode
  /** Connections to use; without it the model has its own. The one who made it closes it. */
  readonly dispatcher?: Dispatcher
}

const officialUrl = 'https://api.anthropic.com'

/** A Claude model. The provider package is loaded with the first request, so that a runtime without it starts faster. */
export function createAnthropicModel(options: AnthropicOptions): LanguageModel {
  let loading: Promise<LanguageModel> | undefined
  return {
    provider: 'anthropic',
    model: options.model,
    async *stream(request, signal) {
      loading ??= load(options)
      yield* (await loading).stream(request, signal)
    },
  }
}

async function load(options: AnthropicOptions): Promise<LanguageModel> {
  const [{ createAnthropic }, { createAiSdkModel }] = await Promise.all([
    import('@ai-sdk/anthropic'),
    import('./bridge.ts'),
  ])
  const dispatcher = options.dispatcher ?? createUpstreamAgent(options.limits)
  const send = (url: string, init: object) => fetch(url, { ...init, dispatcher, redirect: 'manual' })
  const provider = createAnthropic({
    apiKey: options.apiKey,
    // Always given: without it the package would read an environment variable of its own.
    baseURL: versionedUrl(options.baseUrl ?? officialUrl, '').href,
    // The built-in fetch and this one are the same at run time; their types come from two versions of undici.
    fetch: send as unknown as typeof globalThis.fetch,
  })
  return createAiSdkModel({
    provider: 'anthropic',
    model: provider(options.model),
    modelId: options.model,
    limits: options.limits,
    ...(options.maxOutput === undefined ? {} : { maxOutput: options.maxOutput }),
    marks: options.cache !== 'off',
    ...(options.thinkingBudget === undefined ? {} : { thinkingBudget: options.thinkingBudget }),
  })
}
