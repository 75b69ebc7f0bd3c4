import { expect, it } from 'vitest'
import { costOf } from './model.ts'

const price = { input: 3, output: 15, cached: 0.3 }
const tokens = { inputTokens: 1_000_000, cachedTokens: 400_000, outputTokens: 100_000 }

it('a call costs its fresh, its cached and its output tokens', () => {
  expect(costOf(price, tokens)).toBeCloseTo(1.8 + 0.12 + 1.5, 10)
  expect(costOf(price, { ...tokens, cachedTokens: 0 })).toBeCloseTo(4.5, 10)
})

it('what is not known is null and never a guess', () => {
  expect(costOf(null, tokens)).toBeNull()
  expect(costOf({ ...price, cached: null }, tokens)).toBeNull()
  expect(costOf({ ...price, cached: null }, { ...tokens, cachedTokens: 0 })).toBeCloseTo(4.5, 10)
  expect(costOf(price, { inputTokens: 0, cachedTokens: 0, outputTokens: 0 })).toBeNull()
})
