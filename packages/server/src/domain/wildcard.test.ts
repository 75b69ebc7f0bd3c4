import { describe, expect, it } from 'vitest'
import { matchesPath, matchesText } from './wildcard.ts'

describe('a pattern on text', () => {
  it.each([
    ['*', '', true],
    ['*', 'anything at all', true],
    ['npm test *', 'npm test -- orders', true],
    ['npm test *', 'npm testing', false],
    ['npm * --watch', 'npm test a b --watch', true],
    ['npm * --watch', 'npm test a b', false],
    ['a*b*c', 'a b c b c', true],
    ['ls ?', 'ls a', false],
    ['ls', 'ls -l', false],
  ])('%s on %s: %s', (pattern, text, expected) => {
    expect(matchesText(pattern, text)).toBe(expected)
  })

  it('takes no time that grows with the power of its stars', () => {
    expect(matchesText(`${'*a'.repeat(200)}b`, 'a'.repeat(10_000))).toBe(false)
  })
})

describe('a pattern on a path', () => {
  it.each([
    ['*', 'src/a/b.ts', true],
    ['*.md', 'README.md', true],
    ['*.md', 'docs/README.md', false],
    ['**/*.md', 'README.md', true],
    ['**/*.md', 'docs/a/README.md', true],
    ['src/**', 'src/a/b.ts', true],
    ['src/**', 'src', true],
    ['src/**', 'srcs/a', false],
    ['src/', 'src/a/b.ts', true],
    ['./src/*.ts', 'src/a.ts', true],
    ['src/*.ts', 'src/a/b.ts', false],
    ['src/?.ts', 'src/a.ts', true],
    ['src/?.ts', 'src/ab.ts', false],
    ['src/**/test/*.ts', 'src/a/b/test/x.ts', true],
    ['src/**/test/*.ts', 'src/test/x.ts', true],
    ['SRC/**', 'src/a', false],
  ])('%s on %s: %s', (pattern, path, expected) => {
    expect(matchesPath(pattern, path)).toBe(expected)
  })
})
