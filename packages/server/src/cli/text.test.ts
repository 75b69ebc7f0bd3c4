import { describe, expect, it } from 'vitest'
import { createStyle, styleFor } from './style.ts'
import { homePath, shortPath, size, span } from './text.ts'

describe('paths', () => {
  it.each([
    ['/w/data/x.db', 'data/x.db'],
    ['/w/..data/x.db', '..data/x.db'],
    ['/home/mira/x.db', '~/x.db'],
    ['/home/mirabel/x.db', '/home/mirabel/x.db'],
    ['/var/x.db', '/var/x.db'],
  ])('show %s as %s', (path, shown) => {
    expect(shortPath(path, '/w', '/home/mira')).toBe(shown)
  })

  it('show the home itself', () => {
    expect(homePath('/home/mira', '/home/mira')).toBe('~')
  })
})

it('sizes and spans are short', () => {
  expect([0, 999, 1_000, 1_400_000_000, 184_000_000, 999_999].map(size)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '1.4 GB',
    '184 MB',
    '1.0 MB',
  ])
  expect([5, 719, 11_520, 187_200].map(span)).toEqual(['5 s', '11 min', '3 h 12 min', '2 d 4 h'])
})

describe('styleFor', () => {
  const bad = (screen: { isTTY?: boolean; columns?: number }, env: Record<string, string>) =>
    styleFor(screen, env).bad('x')
  const coloured = createStyle('colour').bad('x')

  it('colours a terminal only, unless it is told otherwise', () => {
    expect(bad({ isTTY: true }, {})).toBe(coloured)
    expect(bad({}, {})).toBe('x')
    expect(bad({}, { FORCE_COLOR: '1' })).toBe(coloured)
    expect(bad({ isTTY: true }, { NO_COLOR: '1' })).toBe('x')
  })

  it('keeps bold with NO_COLOR and nothing on a dumb terminal', () => {
    expect(styleFor({ isTTY: true }, { NO_COLOR: '1' }).bold('x')).toBe('\u001b[1mx\u001b[22m')
    expect(styleFor({ isTTY: true }, { NO_COLOR: '1' }).underline('x')).toBe('x')
    expect(styleFor({ isTTY: true }, { TERM: 'dumb' }).bold('x')).toBe('x')
  })

  it('wraps to the terminal, 100 columns at most', () => {
    expect([20, 90, 300].map((columns) => styleFor({ columns }, {}).width)).toEqual([40, 90, 100])
  })
})
