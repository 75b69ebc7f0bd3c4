import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asPath, readRequest } from './request.ts'
import { matchRule } from './rules/index.ts'

describe('readRequest', () => {
  it.each([
    ['please run npm test', 'run npm test'],
    ['Hey, could you please run npm test', 'run npm test'],
    ['Пожалуйста, запусти npm test', 'запусти npm test'],
    ['Привет! Можешь запустить npm test', 'запустить npm test'],
    ['нужен план', 'нужен план'],
  ])('%s: the request itself', (message, text) => {
    expect(readRequest(message).text).toBe(text)
  })

  it.each([
    ['run npm test', 'en'],
    ['explain файл.txt', 'en'],
    ['explain "привет"', 'en'],
    ['объясни main.ts', 'ru'],
    ['', 'en'],
  ])('%j is %s', (message, language) => {
    expect(readRequest(message).language).toBe(language)
  })

  it('finds the files that are named, each once, and nothing else', () => {
    const text =
      'Look at ./src/a.ts, `b c.md` and (docs/план.md). Then README, e.g. Node.js 18.2, https://x.org/y.html, src/a.ts! It’s v1.2.3. Done.'
    expect(readRequest(text).paths).toEqual(['src/a.ts', 'b c.md', 'docs/план.md', 'README.md'])
  })

  it('leaves out what a client has added for the model', () => {
    const told = 'Change line 2 of a.txt to TWO\n\n<note>\nThe person ran b.txt\n</note>\n<note>\nmore\n</note>'
    expect(readRequest(told)).toMatchObject({ text: 'Change line 2 of a.txt to TWO', paths: ['a.txt'] })
  })

  it('hides what is quoted and gives it back', () => {
    const { masked, plain } = readRequest('replace "a with b" with `c` in x.txt, don\'t «д»')
    expect(masked).not.toContain('a with b')
    expect(plain(masked)).toBe('replace "a with b" with `c` in x.txt, don\'t «д»')
    expect(plain(masked.split(' ')[1] ?? '')).toBe('a with b')
  })

  it('takes any text, in a bounded time, without an error', () => {
    const word = fc.constantFrom(
      'in',
      'to',
      'with',
      'a.txt',
      'replace',
      'замени',
      'на',
      'в',
      'line',
      '3',
      '"',
      '`',
      '«',
      'create',
      'file',
      'plan',
      ' ',
      '\n',
    )
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(word, { maxLength: 60 }).map((words) => words.join(' ')),
    )
    fc.assert(
      fc.property(texts, (text) => {
        matchRule(readRequest(text))
      }),
      { numRuns: 1000 },
    )
  })

  it('is not slowed down by long messages', () => {
    for (const text of [
      'replace '.repeat(5000),
      'in a.txt '.repeat(5000),
      `create ${'a '.repeat(20_000)}`,
      `where is ${'x '.repeat(20_000)}`,
      `замени ${'на '.repeat(10_000)}`,
      ' '.repeat(50_000),
      'what '.repeat(9000),
    ]) {
      matchRule(readRequest(text))
    }
  }, 10_000)
})

describe('asPath', () => {
  it.each([
    ['a.ts', 'a.ts'],
    ['./a.ts', 'a.ts'],
    ['(a.ts).', 'a.ts'],
    ['.gitignore', '.gitignore'],
    ['.env.example', '.env.example'],
    ['Makefile', 'Makefile'],
    ['readme', 'README.md'],
  ])('%s is %s', (word, path) => {
    expect(asPath(word)).toBe(path)
  })

  it.each(['word', 'e.g.', '1.5', 'https://a.org/b.html', 'Hello. World', '...', ''])('%j is none', (word) => {
    expect(asPath(word)).toBeUndefined()
  })
})
