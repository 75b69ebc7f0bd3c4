import { expect, it } from 'vitest'
import { parseDuration } from './duration.ts'

it.each([
  ['500ms', 500],
  ['90s', 90_000],
  ['15m', 900_000],
  ['24h', 86_400_000],
  ['30d', 2_592_000_000],
  [' 2W ', 1_209_600_000],
])('%s is %i ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

it.each(['', '30', 'd', '1.5h', '-1d', '30 d', '99999d', '1y'])('%j is none', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})
