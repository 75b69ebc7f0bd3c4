import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { edit } from './edit.ts'

describe('edit', () => {
  it('replaces a text wherever it stands, word for word', () => {
    expect(edit('a.b a.b\naxb\n', { kind: 'replace', old: 'a.b', text: '$&' })).toEqual({
      state: 'changed',
      content: '$& $&\naxb\n',
      places: 2,
      diff: '- a.b a.b\n+ $& $&',
    })
  })

  it('finds a text of several lines whatever the line ends', () => {
    expect(edit('a\r\nb\r\n', { kind: 'replace', old: 'a\nb', text: 'c\nd' })).toMatchObject({
      content: 'c\r\nd\r\n',
      places: 1,
    })
  })

  it('shows a few of many places', () => {
    const result = edit('x\n'.repeat(20), { kind: 'replace', old: 'x', text: 'y' })
    expect(result).toMatchObject({ places: 20, diff: expect.stringMatching(/\n…$/) })
  })

  it.each([
    ['', { kind: 'line', line: 1, text: 'x', keepIndent: true }],
    ['a\n', { kind: 'line', line: 2, text: 'x', keepIndent: true }],
    ['a\n', { kind: 'delete', line: 2 }],
    ['', { kind: 'delete', line: 'last' }],
    ['a', { kind: 'replace', old: 'b', text: 'c' }],
    ['a', { kind: 'replace', old: '', text: 'c' }],
  ] as const)('%j has no place for %j', (content, wanted) => {
    expect(edit(content, wanted).state).toBe('missing')
  })

  it('keeps the indentation of a line where that is wished', () => {
    const wanted = { kind: 'line', line: 2, text: 'return 2' } as const
    const content = 'f() {\n\t  return 1\n}\n'
    expect(edit(content, { ...wanted, keepIndent: true })).toMatchObject({ content: 'f() {\n\t  return 2\n}\n' })
    expect(edit(content, { ...wanted, keepIndent: false })).toMatchObject({ content: 'f() {\nreturn 2\n}\n' })
  })

  it('adds a line to an empty file, and to one that lacks its last line end', () => {
    expect(edit('', { kind: 'append', text: 'x' })).toMatchObject({ content: 'x\n' })
    expect(edit('a', { kind: 'append', text: 'x' })).toMatchObject({ content: 'a\nx' })
  })

  it('touches one line only and keeps the ends of all', () => {
    const line = fc.stringMatching(/^[a-z ]{0,6}$/)
    const ends = fc.constantFrom('\n', '\r\n')
    fc.assert(
      fc.property(fc.array(fc.tuple(line, ends), { minLength: 1, maxLength: 8 }), fc.nat(), (pairs, seed) => {
        const number = (seed % pairs.length) + 1
        const result = edit(pairs.flat().join(''), { kind: 'line', line: number, text: 'NEW', keepIndent: false })
        const expected = pairs.map(([text, end], index) => (index === number - 1 ? `NEW${end}` : text + end)).join('')
        expect(result).toMatchObject({ state: 'changed', content: expected })
      }),
    )
  })
})
