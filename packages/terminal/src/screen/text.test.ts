import { describe, expect, it } from 'vitest'
import { amount, clean, clock, cut, cutStart, duration, reveal, spread, widthOf, wrap } from './text.ts'

describe('clean', () => {
  it('removes what moves the cursor, draws, or turns the direction', () => {
    expect(clean('a\u001b[2Jb\u001b]0;title\u0007c\u001b[31md\u0008\u202ee\u009b1A\rf')).toBe('abcde\nf')
  })

  it('keeps colour where it is asked for, and nothing else', () => {
    expect(clean('\u001b[31mred\u001b[0m\u001b[2K\u001bX', { colour: true })).toBe('\u001b[31mred\u001b[0mX')
  })

  it('cannot be tricked by a sequence that appears when another is removed', () => {
    expect(clean('\u001b\u001b[31m[2Jx')).not.toContain('\u001b')
  })

  it('keeps text of any language, tabs and lines', () => {
    expect(clean('Привет\t日本\nשלום')).toBe('Привет\t日本\nשלום')
  })
})

describe('reveal', () => {
  it('writes out what a person could not see', () => {
    expect(reveal('rm x\u200b\u202e\u001b[8m\rok')).toBe('rm x\\u200b\\u202e\\x1b[8m\\x0dok')
  })
})

describe('cut', () => {
  it('counts columns, not characters, and never cuts a colour', () => {
    expect(cut('日本語テキスト', 7)).toBe('日本語…')
    expect(cut('\u001b[31mabcdef\u001b[39m', 4)).toBe('\u001b[31mabc…\u001b[39m')
    expect(cut('abc', 3)).toBe('abc')
  })

  it('is quick with a line of a megabyte', () => {
    expect(cut('x'.repeat(1_000_000), 10)).toBe(`${'x'.repeat(9)}…`)
  })

  it('cuts a path at its start', () => {
    expect(cutStart('/home/mira/work/orders-api', 12)).toBe('…/orders-api')
  })
})

it('spread puts figures at the right edge and cuts the left part', () => {
  expect(spread('left', 'right', 14)).toBe('left     right')
  expect(spread('a very long left part', 'right', 16)).toBe('a very l…  right')
  expect(widthOf(spread('日本語日本語日本語', 'right', 16))).toBe(16)
})

it('wrap breaks a word that is longer than the line', () => {
  expect(wrap('see https://example.com/a/very/long/path now', 20).every((line) => widthOf(line) <= 20)).toBe(true)
})

it('says times and amounts shortly', () => {
  expect([duration(41), duration(6300), duration(725_000)]).toEqual(['41 ms', '6.3 s', '12 min 5 s'])
  expect([clock(42_000), clock(370_000), clock(3_723_000)]).toEqual(['0:42', '6:10', '1:02:03'])
  expect([amount(950), amount(110_500), amount(2_100_000)]).toEqual(['950', '110.5k', '2.1M'])
})
