import fc from 'fast-check'
import { expect, it } from 'vitest'
import { timestamp } from './time.ts'

it('says every moment as Date does', () => {
  const moments = fc.oneof(
    fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 }),
    fc.integer({ min: 1_795_000_000_000, max: 1_795_200_000_000 }),
    fc.constantFrom(0, -1, 1, 86_399_999, 86_400_000, -86_400_000, 253_402_300_800_000),
  )
  const same = (ms: number) => {
    expect(timestamp(ms)).toBe(new Date(ms).toISOString())
  }
  fc.assert(fc.property(moments, same))
})

it('says nothing of what is no moment', () => {
  expect(() => timestamp(Number.NaN)).toThrow(RangeError)
  expect(() => timestamp(Number.POSITIVE_INFINITY)).toThrow(RangeError)
})
