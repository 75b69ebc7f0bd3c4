import { describe, expect, it } from 'vitest'
import { familyOf, opaqueFor, toOpaque } from './opaque.ts'

describe('familyOf', () => {
  it.each([
    ['gpt-4', 'gpt'],
    ['openai/gpt-4o-mini', 'gpt'],
    ['claude-3-5-sonnet', 'claude'],
    ['qwen3', 'qwen'],
    ['meta-llama/Llama-3.3-70B', 'llama'],
    ['deepseek-chat', 'deepseek'],
    ['4o', '4o'],
  ])('%s is of the family %s', (model, family) => {
    expect(familyOf(model)).toBe(family)
  })
})

describe('opaqueFor', () => {
  const from = { provider: 'anthropic', family: 'claude' }
  const opaque = toOpaque(from, { signature: 's/+=' })

  it('gives the value back to the one it came from', () => {
    expect(opaqueFor(from, opaque)).toEqual({ signature: 's/+=' })
  })
  it('gives nothing to another provider or family', () => {
    expect(opaqueFor({ ...from, provider: 'llm-proxy' }, opaque)).toBeUndefined()
    expect(opaqueFor({ ...from, family: 'gpt' }, opaque)).toBeUndefined()
    expect(opaqueFor(from, undefined)).toBeUndefined()
  })
})
