import { describe, expect, it } from 'vitest'
import { readUsage } from './usage.ts'

const none = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0 }

describe('readUsage', () => {
  it('reads the details of OpenAI', () => {
    const usage = readUsage({
      prompt_tokens: 82,
      completion_tokens: 17,
      total_tokens: 99,
      prompt_tokens_details: { cached_tokens: 64 },
      completion_tokens_details: { reasoning_tokens: 5 },
    })
    expect(usage).toEqual({ inputTokens: 82, cachedTokens: 64, outputTokens: 17, reasoningTokens: 5 })
  })

  it.each(['prompt_cache_hit_tokens', 'cache_read_input_tokens'])('reads cached tokens from %s', (field) => {
    expect(readUsage({ prompt_tokens: 10, [field]: 8 })).toEqual({ ...none, inputTokens: 10, cachedTokens: 8 })
  })

  it('adds reasoning that was not counted among the completion tokens', () => {
    const details = { completion_tokens_details: { reasoning_tokens: 30 } }
    expect(readUsage({ prompt_tokens: 10, completion_tokens: 5, total_tokens: 45, ...details })?.outputTokens).toBe(35)
    expect(readUsage({ prompt_tokens: 10, completion_tokens: 35, total_tokens: 45, ...details })?.outputTokens).toBe(35)
  })

  it.each([null, undefined, 'x', []])('finds nothing in %j', (value) => {
    expect(readUsage(value)).toBeUndefined()
  })

  it('counts what is no number as nothing', () => {
    expect(readUsage({ prompt_tokens: '5', completion_tokens: null, prompt_tokens_details: null })).toEqual(none)
    expect(readUsage({ prompt_tokens: -1, completion_tokens: Number.NaN })).toEqual(none)
  })
})
