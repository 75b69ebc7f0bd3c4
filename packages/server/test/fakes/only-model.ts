import type { LanguageModel } from '../../src/application/ports/language-model.ts'
import type { ModelChain, ModelSource, NamedModel } from '../../src/application/ports/model-source.ts'
import type { ModelFacts } from '../../src/domain/model.ts'

export function named(language: LanguageModel, differing: Partial<ModelFacts> = {}): NamedModel {
  const facts: ModelFacts = {
    alias: language.model,
    context: language.contextTokens ?? null,
    maxOutput: null,
    images: null,
    cache: 'auto',
    streaming: 'auto',
    price: null,
    fallback: [],
    ...differing,
  }
  return { facts, language }
}

/** A source in which there is nothing but these, asked in this order. */
export function onlyModels(...chain: ModelChain): ModelSource {
  return {
    list: () =>
      chain.map(({ facts, language }) => ({ facts, provider: language.provider, id: language.model, upstream: null })),
    chainFor: (_agent, chosen) => {
      const place = Math.max(
        0,
        chain.findIndex(({ facts }) => facts.alias === chosen),
      )
      const [first = chain[0], ...rest] = chain.slice(place)
      return [first, ...rest]
    },
  }
}
