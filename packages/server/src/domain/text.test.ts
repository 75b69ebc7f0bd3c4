import { describe, expect, it } from 'vitest'
import { cleanText, cleanValue, titleFrom } from './text.ts'

describe('cleanText', () => {
  it('replaces what no store takes', () => {
    expect(cleanText('a\u0000b\ud800c\u{1F600}')).toBe('a\uFFFDb\uFFFDc\u{1F600}')
  })

  it('goes into every string of a value', () => {
    expect(cleanValue({ 'k\u0000': ['\udc00', 1, null, { a: 'b' }] })).toEqual({
      'k\uFFFD': ['\uFFFD', 1, null, { a: 'b' }],
    })
  })
})

describe('titleFrom', () => {
  it('is the first 500 characters, none of them split', () => {
    expect(titleFrom('  hello  ')).toBe('hello')
    expect(titleFrom(' \n ')).toBeNull()
    const title = titleFrom(`${'x'.repeat(499)}\u{1F600}rest`)
    expect(title).toBe(`${'x'.repeat(499)}\u{1F600}`)
    expect(Array.from(titleFrom('\u{1F600}'.repeat(600)) ?? '')).toHaveLength(500)
  })
})
