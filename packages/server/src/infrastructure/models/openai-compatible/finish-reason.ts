import type { FinishReason } from '../../../application/ports/language-model.ts'

const reasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  eos: 'stop',
  end_turn: 'stop',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  length: 'length',
  max_tokens: 'length',
  content_filter: 'content-filter',
}

/** `finish_reason` as one of ours; nothing while the provider has not given one. */
export function readFinishReason(value: unknown): FinishReason | undefined {
  if (typeof value !== 'string' || value === '') return undefined
  return Object.hasOwn(reasons, value) ? reasons[value] : 'other'
}
