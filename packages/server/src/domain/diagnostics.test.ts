import { describe, expect, it } from 'vitest'
import { diagnosticsText } from './diagnostics.ts'

describe('diagnosticsText', () => {
  it('says that the change was made, and what is wrong now', () => {
    const diagnostics = [
      { path: 'a.ts', line: 3, severity: 'error', message: 'no such\n  name' },
      { message: 'unused' },
      { line: 1 },
      'x',
      null,
    ]
    expect(diagnosticsText({ success: true, diagnostics })).toBe(
      'The change was made; there are now 2 problems:\na.ts:3 error: no such name\nunused\n\n',
    )
    expect(diagnosticsText({ diagnostics: [{ message: 'one' }] })).toContain('there is now 1 problem:\none')
  })

  it('bounds them', () => {
    const diagnostics = Array.from({ length: 300 }, () => ({ message: 'x'.repeat(10_000) }))
    const text = diagnosticsText({ diagnostics })
    expect(text).toContain('(250 more)')
    expect(text.length).toBeLessThan(50 * 502 + 200)
  })

  it.each([
    [undefined],
    [null],
    ['diagnostics'],
    [{}],
    [{ diagnostics: [] }],
    [{ diagnostics: 'x' }],
    [{ diagnostics: [1] }],
  ])('is empty for %j', (result) => {
    expect(diagnosticsText(result)).toBe('')
  })
})
