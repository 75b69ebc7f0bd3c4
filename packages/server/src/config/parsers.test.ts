import { describe, expect, it } from 'vitest'
import * as read from './parsers.ts'
import { quoted, withoutSecrets } from './shown.ts'

function value<T>(parser: read.Parser<T>, text: string): T | string {
  const parsed = parser(text, '/w')
  return 'value' in parsed ? parsed.value : parsed.fault
}

describe('parsers', () => {
  it('take ports from 0 to 65535', () => {
    expect(['0', '1', '65535'].map((text) => value(read.port, text))).toEqual([0, 1, 65_535])
    for (const text of ['65536', '-1', '1.5', '0x10', '1e3', ''])
      expect(value(read.port, text)).toContain('is not a port')
  })

  it('take addresses and names', () => {
    expect(value(read.host, '[::1]')).toBe('::1')
    expect(value(read.host, 'my-host.example')).toBe('my-host.example')
    for (const text of ['127.0.0.256', '1.2.3', 'http://x', 'a b', '-x', 'x:1'])
      expect(value(read.host, text)).toContain('is not an address')
  })

  it('read levels of both worlds in any case', () => {
    const levels = ['DEBUG', 'Info', 'warning', 'ERROR', 'critical', 'trace', 'warn', 'fatal', 'silent']
    expect(levels.map((text) => value(read.logLevel, text))).toEqual([
      'debug',
      'info',
      'warn',
      'error',
      'fatal',
      'trace',
      'warn',
      'fatal',
      'silent',
    ])
    expect(value(read.logLevel, 'loud')).toContain('is no log level')
  })

  it('read the lenient switch as the contract does', () => {
    expect(['TRUE', '1', 'Yes', 'on', 'false', '2'].map((text) => value(read.lenientSwitch, text))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ])
  })

  it('refuse a strict switch that is neither', () => {
    expect(['on', '0'].map((text) => value(read.strictSwitch, text))).toEqual([true, false])
    expect(value(read.strictSwitch, 'maybe')).toBe('"maybe" is neither true nor false.')
  })

  it('read rates', () => {
    expect(value(read.rate, 'OFF')).toBe('off')
    expect(value(read.rate, '60/min')).toEqual({ max: 60, windowMs: 60_000 })
    expect(value(read.rate, '5 / S')).toEqual({ max: 5, windowMs: 1_000 })
    expect(value(read.rate, '1000/h')).toEqual({ max: 1000, windowMs: 3_600_000 })
    for (const text of ['60', '0/s', '60/day', '-1/s', '1.5/s', '60/min/x']) {
      expect(value(read.rate, text)).toContain('is no rate')
    }
  })

  it('hold counts to their bounds', () => {
    expect(value(read.count('tries', 0, 10), '10')).toBe(10)
    expect(value(read.count('tries', 0, 10), '11')).toBe('"11" is not a number of tries. Use 0 to 10.')
    expect(value(read.milliseconds(1), '2147483648')).toContain('2147483647')
  })
})

describe('withoutSecrets', () => {
  it.each([
    ['postgres://u:p@ss/w:rd@h/db', 'postgres://u:***@h/db'],
    ['postgres://app@db/agents', 'postgres://app@db/agents'],
    ['u:p@h/db', 'u:***@h/db'],
    ['https://token@h/v1', 'https://***@h/v1'],
    ['http://localhost:8002/v1', 'http://localhost:8002/v1'],
    ['http://h?key=abc&b=c', 'http://h?key=***&b=***'],
    ['sqlite:///data/x.db', 'sqlite:///data/x.db'],
    ['sk-proj-abcdefgh', 'sk-***'],
  ])('shows %s as %s', (text, shown) => {
    expect(withoutSecrets(text)).toBe(shown)
  })

  it('is part of quoting, which cuts and escapes', () => {
    expect(quoted('x'.repeat(100))).toBe(`"${'x'.repeat(60)}…"`)
    expect(quoted('a\nb\u202ec')).toBe('"a\\nb\\u202ec"')
  })
})

describe('the rule of cleanup', () => {
  it.each([
    ['off', null],
    ['30d', { idleMs: 2_592_000_000, emptyOnly: false }],
    ['empty:24h', { idleMs: 86_400_000, emptyOnly: true }],
  ])('%s', (text, value) => {
    expect(read.cleanupRule(text, '/')).toEqual({ value })
  })

  it.each(['', 'soon', '30', 'empty', 'empty:', 'full:24h', '5ms'])('is not %j', (text) => {
    expect(read.cleanupRule(text, '/')).toMatchObject({ fault: expect.stringContaining('Use off, 30d, or empty:24h.') })
  })
})
