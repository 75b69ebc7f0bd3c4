import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { artifactCall, artifactLines, readArtifact } from './artifact.ts'

const result = (text: string) => ({ callId: 'c1', tool: 'execute_command', text })
const lines = (count: number) => Array.from({ length: count }, (_, index) => `l${index + 1}`).join('\n')

describe('artifactLines', () => {
  it('has all of the text, whatever its line ends and however long its lines', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.constantFrom('\n', '\r\n'), (parts, end) => {
        const text = parts.map((part) => part.replace(/[\r\n]/g, '').repeat(700)).join(end)
        expect(artifactLines(text).join('')).toBe(text.split(end).join(''))
        for (const line of artifactLines(text)) {
          expect(line.length).toBeLessThanOrEqual(2000)
          expect(line.isWellFormed()).toBe(true)
        }
      }),
      { numRuns: 50 },
    )
  })
})

describe('readArtifact', () => {
  it('numbers the lines and says that they are all', () => {
    expect(readArtifact(result('a\r\nb'), { start: 1, end: undefined })).toEqual({
      ok: true,
      text: 'Result of execute_command (c1), lines 1-2 of 2:\n1\ta\n2\tb',
    })
  })

  it('stops after 2,000 lines and names the next call', () => {
    const { text } = readArtifact(result(lines(5000)), { start: 11, end: undefined })
    const shown = text.split('\n')
    expect(shown).toHaveLength(2002)
    expect(shown[0]).toBe('Result of execute_command (c1), lines 11-2010 of 5000:')
    expect(shown.at(-1)).toBe(
      '[2990 more lines, from 2011 on. To go on: read_artifact {"call_id": "c1", "start_line": 2011}]',
    )
  })

  it('stops before 50 KB', () => {
    const { text } = readArtifact(result(`${'я'.repeat(1500)}\n`.repeat(100)), { start: 1, end: undefined })
    expect(Buffer.byteLength(text)).toBeLessThan(51_400)
    expect(text).toContain('lines 1-17 of 101:')
  })

  it('can be followed to the end, each line once', () => {
    const whole = `${lines(3000)}\n${'x'.repeat(90_000)}`
    const seen: string[] = []
    for (let start = 1; start > 0; ) {
      const { ok, text } = readArtifact(result(whole), { start, end: undefined })
      expect(ok).toBe(true)
      const [, ...rows] = text.split('\n')
      seen.push(...rows.filter((row) => /^\d+\t/.test(row)))
      start = Number(/"start_line": (\d+)/.exec(rows.at(-1) ?? '')?.[1] ?? 0)
    }
    expect(seen.map((row) => row.replace(/^\d+\t/, ''))).toEqual(artifactLines(whole))
    expect(seen.map((row) => Number.parseInt(row, 10))).toEqual(seen.map((_, index) => index + 1))
  })

  it('takes a range, and says where the text ends when asked beyond', () => {
    expect(readArtifact(result(lines(9)), { start: 4, end: 5 }).text).toBe(
      `Result of execute_command (c1), lines 4-5 of 9:\n4\tl4\n5\tl5\n[4 more lines, from 6 on. To go on: ${artifactCall('c1', 6)}]`,
    )
    expect(readArtifact(result(lines(9)), { start: 10, end: 12 })).toEqual({
      ok: false,
      text: `The result of c1 has 9 lines. Read it from the start: ${artifactCall('c1', 1)}`,
    })
  })
})
