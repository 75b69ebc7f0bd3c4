import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { programOf, splitWords } from './command-line.ts'

describe('splitWords', () => {
  it.each([
    ['npm test', ['npm', 'test']],
    ['  a \t b  ', ['a', 'b']],
    [`git commit -m 'one "two" \\n'`, ['git', 'commit', '-m', 'one "two" \\n']],
    ['echo "a \\"b\\" \\\\ \\n"', ['echo', 'a "b" \\ \\n']],
    ['a\\ b c\\"d', ['a b', 'c"d']],
    [`x"y"'z'`, ['xyz']],
    [`echo '' ""`, ['echo', '', '']],
    ['echo Привет', ['echo', 'Привет']],
    ['echo end\\', ['echo', 'end\\']],
    ['', []],
  ])('%s', (line, words) => {
    expect(splitWords(line)).toEqual(words)
  })

  it('refuses a quote that never closes', () => {
    expect(() => splitWords('echo "a')).toThrow('" that is never closed')
    expect(() => splitWords("echo 'a")).toThrow("' that is never closed")
  })

  it('splits as /bin/sh does whatever is run directly', () => {
    const character = fc.constantFrom('a', 'b', ' ', '"', "'", '\\', '-', 'ж')
    fc.assert(
      fc.property(fc.string({ unit: character, minLength: 1, maxLength: 12 }), (text) => {
        const line = `printf '%s\\n' x${text}`
        fc.pre(!line.endsWith('\\') && !hasOpenQuote(line))
        const words = splitWords(line).slice(2)
        const fromShell = execFileSync('/bin/sh', ['-c', `printf '%s\\n' x${text}`], { encoding: 'utf8' })
        expect(words.map((word) => `${word}\n`).join('')).toBe(fromShell)
      }),
      { numRuns: 60 },
    )
  })
})

describe('programOf', () => {
  it('runs plain words directly', () => {
    expect(programOf(' npm test -- --grep=orders ', false)).toEqual({
      file: 'npm',
      args: ['test', '--', '--grep=orders'],
      usesShell: false,
    })
  })

  it.each([
    'a | b',
    'a && b',
    'a; b',
    'a > b',
    'a < b',
    'echo $HOME',
    'echo `id`',
    '(a)',
    'a\nb',
    'ls *.ts',
    'ls a?',
    'ls [ab]',
    'ls ~',
    'A=1 b',
    'ls # all',
    '! a',
    'cd src',
    'export',
    'exit 3',
  ])('gives %j to the shell', (line) => {
    expect(programOf(line, false)).toEqual({ file: '/bin/sh', args: ['-c', line], usesShell: true })
  })

  it('uses the shell when it is asked for', () => {
    expect(programOf('ls', true)).toEqual({ file: '/bin/sh', args: ['-c', 'ls'], usesShell: true })
  })

  it('refuses what is no command', () => {
    expect(() => programOf('  ', false)).toThrow('is empty')
    expect(() => programOf('a\0b', true)).toThrow('NUL')
  })
})

function hasOpenQuote(line: string): boolean {
  try {
    splitWords(line)
    return false
  } catch {
    return true
  }
}
