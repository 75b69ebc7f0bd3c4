import type { Clock } from '../../application/ports/clock.ts'
import type { LanguageModel, ModelEvent, ModelRequest } from '../../application/ports/language-model.ts'
import { RuntimeError } from '../../domain/errors.ts'
import type { Meters } from './meters.ts'

/** The model, its calls counted by what became of them. Retries are inside: a call that was tried three times counts once. */
export function withMeters(model: LanguageModel, meters: Meters, clock: Clock): LanguageModel {
  return {
    provider: model.provider,
    model: model.model,
    stream: (request, signal) => meteredStream(model, meters, clock, request, signal),
  }
}

async function* meteredStream(
  model: LanguageModel,
  meters: Meters,
  clock: Clock,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  const { provider, model: id } = model
  const startedAt = clock.monotonic()
  let waiting = true
  // Whoever reads may leave in the middle.
  let outcome = 'left'
  try {
    for await (const event of model.stream(request, signal)) {
      if (waiting) {
        waiting = false
        meters.firstToken(provider, id, (clock.monotonic() - startedAt) / 1_000)
      }
      if (event.type === 'finish') outcome = 'ok'
      yield event
    }
  } catch (error) {
    outcome = RuntimeError.from(error).code
    throw error
  } finally {
    meters.modelCalls.add({ provider, model: id, outcome })
  }
}
