import type { Usage } from '../../../application/ports/language-model.ts'
import { countIn, fieldsOf, isObject } from '../upstream/fields.ts'

type UsageField =
  | 'prompt_tokens'
  | 'completion_tokens'
  | 'total_tokens'
  | 'prompt_tokens_details'
  | 'completion_tokens_details'
  | 'prompt_cache_hit_tokens'
  | 'cache_read_input_tokens'

/** The `usage` of a chunk or a body; nothing when there is none. */
export function readUsage(value: unknown): Usage | undefined {
  if (!isObject(value)) return undefined
  const usage = fieldsOf<UsageField>(value)
  const inputTokens = countIn(usage.prompt_tokens)
  const answerTokens = countIn(usage.completion_tokens)
  const cachedTokens = countIn(
    fieldsOf<'cached_tokens'>(usage.prompt_tokens_details).cached_tokens,
    usage.prompt_cache_hit_tokens,
    usage.cache_read_input_tokens,
  )
  const reasoningTokens = countIn(fieldsOf<'reasoning_tokens'>(usage.completion_tokens_details).reasoning_tokens)
  // Most providers count reasoning among the completion tokens; where the total tells that one does not, it is added.
  const apart = usage.total_tokens === inputTokens + answerTokens + reasoningTokens
  return { inputTokens, cachedTokens, outputTokens: answerTokens + (apart ? reasoningTokens : 0), reasoningTokens }
}
