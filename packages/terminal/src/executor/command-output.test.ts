import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createOutputCollector, type KeptText, stripSequences } from './command-output.ts'

function collect(chunks: readonly Buffer[], limit = 1000): KeptText & { shown: string } {
  let shown = ''
  const collector = createOutputCollector(limit, (text) => {
    shown += text
  })
  for (const chunk of chunks) collector.add(chunk)
  return { ...collector.end(), shown }
}

describe('createOutputCollector', () => {
  it('keeps everything up to the limit', () => {
    const text = 'a'.repeat(1000)
    expect(collect([Buffer.from(text)])).toEqual({ text, truncated: false, lines: 1, shown: text })
  })

  it('keeps a fifth from the head, the rest from the tail, and says what is left out', () => {
    const bytes = Buffer.from(`${'h'.repeat(300)}${'m'.repeat(2000)}${'t'.repeat(900)}`)
    const kept = collect(Array.from({ length: 32 }, (_, index) => bytes.subarray(index * 100, index * 100 + 100)))
    expect(kept.text).toBe(`${'h'.repeat(200)}\n[… 2,200 characters left out …]\n${'t'.repeat(800)}`)
    expect(kept.truncated).toBe(true)
  })

  it('counts the lines that were printed, not those that were kept', () => {
    expect(collect([Buffer.from('line\n'.repeat(5000))]).lines).toBe(5000)
    expect(collect([Buffer.from('a\nb')]).lines).toBe(2)
    expect(collect([]).lines).toBe(0)
  })

  it('does not cut a character in two where text is left out', () => {
    expect(collect([Buffer.from('😀'.repeat(2000))], 1001).text.isWellFormed()).toBe(true)
  })

  it('gives the same text wherever the bytes are cut', () => {
    const output = Buffer.from(
      '\x1b[31mошибка\x1b[0m 50%\r100%\x1b]8;;http://x\x1b\\link\x1b]8;;\x07 \x1bPq1\x1b\\\x1b(Bend\x1b[2K😀\n',
    )
    const plain = 'ошибка 50%\r100%link end😀\n'
    fc.assert(
      fc.property(fc.array(fc.nat({ max: output.length }), { maxLength: 8 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), output.length]
        const chunks = at.slice(1).map((end, index) => output.subarray(at[index], end))
        const kept = collect(chunks)
        expect(kept.text).toBe(plain)
        expect(kept.shown).toBe(plain.replace('ошибка', '\x1b[31mошибка\x1b[0m'))
      }),
      { numRuns: 500 },
    )
  })

  it('does not wait for ever for the end of a sequence', () => {
    const collector = createOutputCollector(1000, () => undefined)
    for (let count = 0; count < 1000; count++) collector.add(Buffer.from(count === 0 ? '\x1b]0;' : 'x'.repeat(100)))
    expect(collector.end().text).toContain('xxx')
  })
})

describe('stripSequences', () => {
  it('drops what moves the cursor or talks to the terminal, and colours only when asked', () => {
    const text = '\x1b[1;32mok\x1b[0m\x1b[2J\x1b[H\x1b]52;c;aGk=\x07\x1b[?25l\x9b3A.'
    expect(stripSequences(text, false)).toBe('ok.')
    expect(stripSequences(text, true)).toBe('\x1b[1;32mok\x1b[0m.')
  })
})
