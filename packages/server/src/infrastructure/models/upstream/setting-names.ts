import type { LanguageModel, ModelEvent, ModelRequest } from '../../../application/ports/language-model.ts'
import { RuntimeError } from '../../../domain/errors.ts'

/** The settings that a person has to look at, where they are not those of the provider. */
export interface SettingNames {
  readonly key: string
  readonly url: string
}

/** The model, whose hints name the settings that it was really made from. */
export function withSettingNames(model: LanguageModel, names: SettingNames | undefined): LanguageModel {
  if (!names) return model
  return {
    provider: model.provider,
    model: model.model,
    stream: (request, signal) => streamWithNames(model, names, request, signal),
  }
}

async function* streamWithNames(
  model: LanguageModel,
  names: SettingNames,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  try {
    yield* model.stream(request, signal)
  } catch (thrown) {
    if (!(thrown instanceof RuntimeError) || thrown.details.hint === undefined) throw thrown
    const hint = thrown.details.hint
      .replace(/\b(OPENAI|ANTHROPIC)_API_KEY\b/, () => names.key)
      .replace(/\b(OPENAI|ANTHROPIC)_BASE_URL\b/, () => names.url)
    throw new RuntimeError(thrown.code, thrown.message, { cause: thrown.cause, details: { ...thrown.details, hint } })
  }
}
