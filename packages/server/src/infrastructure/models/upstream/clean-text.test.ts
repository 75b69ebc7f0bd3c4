import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cleanText, TextCleaner } from './clean-text.ts'

describe('cleanText', () => {
  it.each([
    ['plain', 'plain'],
    ['a\0b', 'a\ufffdb'],
    ['a\ud83d', 'a\ufffd'],
    ['\ude80b', '\ufffdb'],
    ['\ud83d\ude80', '\ud83d\ude80'],
  ])('%j becomes %j', (text, expected) => {
    expect(cleanText(text)).toBe(expected)
  })
})

describe('TextCleaner', () => {
  it('gives the same, wherever the text is cut', () => {
    const units = fc.array(fc.constantFrom('a', '\0', '\ud83d', '\ude80', 'я'), { maxLength: 12 })
    fc.assert(
      fc.property(units, fc.array(fc.nat(12)), (letters, cuts) => {
        const text = letters.join('')
        const places = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length]
        const cleaner = new TextCleaner()
        const pieces = places.slice(1).map((end, at) => cleaner.clean(text.slice(places[at], end)))
        expect(pieces.join('') + cleaner.end()).toBe(cleanText(text))
      }),
    )
  })
})
