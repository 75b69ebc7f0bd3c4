import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decisionText, fitForModel, resultText, spacedJson } from './result-text.ts'

describe('resultText', () => {
  it.each([
    ['text stays as it is', 'plain', undefined, 'plain'],
    ['an object', { success: true, items: [1, 'ж'] }, undefined, '{"success": true, "items": [1, "ж"]}'],
    ['nothing', undefined, undefined, 'Tool executed successfully'],
    ['null', null, undefined, 'Tool executed successfully'],
    ['an error wins', 'x', 'ENOENT', 'Error: ENOENT'],
    ['an empty error does not', 'x', '', 'x'],
    ['a number', 0, undefined, '0'],
  ])('%s', (_, result, error, expected) => {
    expect(resultText(result, error)).toBe(expected)
  })
})

describe('spacedJson', () => {
  it('reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(spacedJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})

describe('decisionText', () => {
  it('says what was decided', () => {
    expect(decisionText('approve', 't', { a: 1 }, undefined)).toBe(
      '{"status": "approved", "tool_name": "t", "arguments": {"a": 1}}',
    )
    expect(decisionText('reject', 't', {}, '')).toBe(
      '{"status": "rejected", "tool_name": "t", "feedback": "User rejected this operation"}',
    )
  })
})

describe('fitForModel', () => {
  it('leaves what fits', () => {
    expect(fitForModel('я'.repeat(10), undefined, 20)).toEqual({ text: 'я'.repeat(10), cut: false })
  })

  it('keeps head and tail, says how much is missing, splits no character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 200 }), fc.integer({ min: 40, max: 150 }), (text, limit) => {
        const fitted = fitForModel(text, undefined, limit)
        if (!fitted.cut) return
        const [head = '', tail = ''] = fitted.text.split(/\n\[… .* …\]\n/s)
        expect(text.startsWith(head)).toBe(true)
        expect(text.endsWith(tail)).toBe(true)
        expect(new TextEncoder().encode(head + tail).length).toBeLessThanOrEqual(limit)
      }),
    )
  })

  it('names the exact call for the rest, where the model can make it', () => {
    const text = Array.from({ length: 40 }, (_, index) => `line ${index + 1}`).join('\n')
    const note = (isThis: boolean) =>
      /\[… .* …\]/.exec(fitForModel(text, { callId: 'c"1', isThis }, 100).text)?.[0] ?? ''
    expect(note(true)).toBe(
      '[… 210 bytes left out. To read them: read_artifact {"call_id": "c\\"1", "start_line": 10} …]',
    )
    expect(note(false)).toContain('"start_line": 1}')
    expect(fitForModel(text, undefined, 100).text).toContain('read_file with start_line and end_line')
  })
})
