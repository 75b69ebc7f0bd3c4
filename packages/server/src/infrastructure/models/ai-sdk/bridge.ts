import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from '@ai-sdk/provider'
import type { LanguageModel, ModelEvent, ModelRequest } from '../../../application/ports/language-model.ts'
import { RuntimeError } from '../../../domain/errors.ts'
import { cancelled, incomplete, type Progress, timedOut } from '../upstream/failure.ts'
import { TimeLimits, type UpstreamLimits } from '../upstream/limits.ts'
import { type Addressee, familyOf } from '../upstream/opaque.ts'
import { failureOfSdk } from './failure.ts'
import { mayThink, toPrompt, toTools } from './prompt.ts'
import { PartReader } from './stream-parts.ts'

export interface AiSdkOptions {
  readonly provider: 'anthropic'
  /** A model of a provider package, used at `doStream`. */
  readonly model: LanguageModelV4
  readonly modelId: string
  readonly limits: UpstreamLimits
  /** Tokens that the model may think; without it, it does not. */
  readonly thinkingBudget?: number
  readonly maxOutput?: number
  /** Whether places to cache are marked. */
  readonly marks?: boolean
}

/** Any model of the AI SDK's provider packages. What they demand of a caller above `doStream` is ours: the loop, retries, time limits. */
export function createAiSdkModel(options: AiSdkOptions): LanguageModel {
  const to: Addressee = { provider: options.provider, family: familyOf(options.modelId) }
  return {
    provider: options.provider,
    model: options.modelId,
    stream: (request, signal) => ask(options, to, request, signal),
  }
}

async function* ask(
  options: AiSdkOptions,
  to: Addressee,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  if (signal.aborted) throw cancelled()
  const limits = new TimeLimits(signal)
  let progress: Progress = 'sent'
  try {
    limits.arm('headers', options.limits.headersMs)
    const { stream } = await options.model.doStream(toCall(options, to, request, limits.signal))
    progress = 'answering'
    limits.arm('first-data', options.limits.firstDataMs)
    yield* read(options, to, stream, limits)
  } catch (thrown) {
    if (limits.cancelled) throw cancelled()
    if (thrown instanceof RuntimeError) throw thrown
    throw limits.passed ? timedOut(limits.passed) : failureOfSdk(options.provider, thrown, progress)
  } finally {
    limits.end()
  }
}

function toCall(
  options: AiSdkOptions,
  to: Addressee,
  request: ModelRequest,
  abortSignal: AbortSignal,
): LanguageModelV4CallOptions {
  const { thinkingBudget } = options
  const thinks = thinkingBudget !== undefined && request.purpose === 'answer' && mayThink(request.messages, to)
  return {
    prompt: toPrompt(request.system, request.messages, to, options.marks && request.purpose === 'answer'),
    abortSignal,
    ...(request.tools.length > 0 ? { tools: toTools(request.tools) } : {}),
    ...(options.maxOutput === undefined ? {} : { maxOutputTokens: options.maxOutput }),
    ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
    ...(thinks
      ? { providerOptions: { [options.provider]: { thinking: { type: 'enabled', budgetTokens: thinkingBudget } } } }
      : {}),
  }
}

async function* read(
  options: AiSdkOptions,
  to: Addressee,
  stream: ReadableStream<LanguageModelV4StreamPart>,
  limits: TimeLimits,
): AsyncGenerator<ModelEvent> {
  const parts = new PartReader(to, options.limits.answerBytes)
  const source = stream.getReader()
  let begun = false
  try {
    while (!parts.finished) {
      const { done, value } = await source.read()
      if (done) throw incomplete({ retry: false })
      const events = parts.read(value)
      for (const event of events) yield event
      if (events.length === 0) continue
      if (begun) limits.restart()
      else limits.arm('idle', options.limits.idleMs)
      begun = true
    }
  } finally {
    source.cancel().catch(() => undefined)
  }
}
