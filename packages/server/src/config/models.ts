import { chooseModel, type ModelSettings, providerUrls } from './model-choice.ts'
import type { GivenModel } from './model-entries.ts'
import type { Fault } from './problems.ts'
import type { ModelChoice, ModelEntry } from './types.ts'

export interface ModelSources {
  readonly given: ModelSettings
  /** Of `models`, in its order. */
  readonly listed: readonly GivenModel[]
  readonly internalKey: string
  /** What the variables say that `apiKeyEnv` names. */
  readonly keys: ReadonlyMap<string, string>
}

/** All models that can be named, the one that answers by default first: the alias that CODELAB_MODEL names, else what CODELAB_MODEL and the
 *  providers' settings say, else the first of `models`. Without `models` it is what those settings say, and nothing else. */
export function assembleModels(sources: ModelSources): readonly [ModelEntry, ...ModelEntry[]] | Fault {
  const { given, listed, internalKey } = sources
  const entries: ModelEntry[] = []
  for (const model of listed) {
    const entry = resolve(model, sources)
    if ('fault' in entry) return { ...entry, fault: `models.${model.alias}: ${entry.fault}` }
    entries.push(entry)
  }
  const named = entries.find(({ alias }) => alias === given.model)
  const first = named ?? (given.model === undefined ? entries[0] : undefined)
  if (first) return [first, ...entries.filter((entry) => entry !== first)]
  const choice = chooseModel(given, internalKey)
  if ('fault' in choice) return choice
  const id = choice.kind === 'demo' ? 'demo' : choice.model
  const alias = entries.some((entry) => entry.alias === id) ? (given.model ?? id) : id
  return [{ ...unknownFacts, alias, choice }, ...entries]
}

const unknownFacts = {
  context: null,
  maxOutput: null,
  images: null,
  cache: 'auto',
  streaming: 'auto',
  price: null,
  fallback: [],
} as const

function resolve(model: GivenModel, { given, internalKey, keys }: ModelSources): ModelEntry | Fault {
  const { alias, context, maxOutput, images, cache, streaming, price, fallback } = model
  const facts = { alias, context, maxOutput, images, cache, streaming, price, fallback }
  if (model.provider === 'proxy') {
    // The internal key goes to the proxy's own address and nowhere else.
    return { ...facts, choice: chooseProxy(given, model.id, internalKey) }
  }
  const { ownUrl, ownKey } =
    model.provider === 'openai'
      ? { ownUrl: given.openaiUrl ?? providerUrls.openai, ownKey: given.openaiKey }
      : { ownUrl: given.anthropicUrl ?? providerUrls.anthropic, ownKey: given.anthropicKey }
  const { baseUrl = ownUrl, apiKeyEnv } = model
  // A key belongs to one address: another one does not get it.
  const apiKey = apiKeyEnv === undefined ? (baseUrl === ownUrl ? ownKey : undefined) : keys.get(apiKeyEnv)
  const provider = model.provider.toUpperCase()
  const keyName = apiKeyEnv ?? (baseUrl === ownUrl ? `${provider}_API_KEY` : `models.${alias}.apiKeyEnv`)
  const needsKey = model.provider === 'anthropic' || baseUrl === providerUrls.openai
  if (apiKey === undefined && (needsKey || apiKeyEnv !== undefined)) {
    return { fault: `it needs ${keyName}, and that is not set.`, wrong: keyName }
  }
  const settings = {
    key: keyName,
    url: model.baseUrl === undefined ? `${provider}_BASE_URL` : `models.${alias}.baseUrl`,
  }
  if (model.provider === 'anthropic') {
    return { ...facts, settings, choice: { kind: 'anthropic', apiKey: apiKey ?? '', baseUrl, model: model.id } }
  }
  const keyed = apiKey === undefined ? {} : { apiKey }
  return { ...facts, settings, choice: { kind: 'openai-compatible', url: baseUrl, ...keyed, model: model.id } }
}

function chooseProxy(given: ModelSettings, id: string, key: string): ModelChoice {
  return { kind: 'llm-proxy', url: given.proxyUrl ?? providerUrls.proxy, model: id, key }
}
