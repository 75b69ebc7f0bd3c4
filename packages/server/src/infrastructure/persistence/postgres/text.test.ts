import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fromKept, toKept } from './text.ts'

const awkward = fc.string({
  unit: fc.constantFrom('\0', '\u0010', '\ud83d', '\ude00', '😀', '0', 'a', 'd', '\u00100000', 'é'),
})

it.each([
  ['plain', 'plain'],
  ['a\0b', 'a\u00100000b'],
  ['\u0010', '\u00100010'],
  ['x\ud83d', 'x\u0010d83d'],
  ['\ude00😀', '\u0010de00😀'],
])('keeps %j as %j', (text, kept) => {
  expect(toKept(text)).toBe(kept)
  expect(fromKept(kept)).toBe(text)
})

it('gives every text back as it was, in a form that PostgreSQL takes', () => {
  fc.assert(
    fc.property(awkward, (text) => {
      const kept = toKept(text)
      expect(kept).not.toContain('\0')
      expect(kept.isWellFormed()).toBe(true)
      expect(fromKept(kept)).toBe(text)
    }),
  )
})
