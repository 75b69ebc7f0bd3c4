import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentOf, filesOf, readOutcome } from './outcome.ts'

describe('readOutcome', () => {
  it.each([
    ['write_file', '{"success": true}', 'done', ''],
    ['write_file', 'Tool executed successfully', 'done', ''],
    ['write_file', '{"status": "approved", "tool_name": "write_file", "arguments": {}}', 'done', ''],
    ['write_file', '{"status":"rejected","feedback":"no"}', 'rejected', 'no'],
    ['write_file', 'Error: User rejected: later', 'rejected', 'User rejected: later'],
    ['write_file', 'Error: Операция отклонена: write_file', 'rejected', 'Операция отклонена: write_file'],
    ['read_file', 'Error: File not found: a', 'failed', 'File not found: a'],
    ['read_file', '{"success":false,"error":"too large"}', 'failed', 'too large'],
    ['execute_command', '{"success":false,"exit_code":1,"stdout":""}', 'done', ''],
    ['execute_command', '3 requests rejected', 'done', ''],
    [
      'read_file',
      '{"error":"No result was provided","reason":"cancelled"}',
      'failed',
      'No result was provided: cancelled',
    ],
    ['switch_mode', 'Switching to coder agent', 'done', ''],
  ])('%s: %s is %s', (tool, text, state, reason) => {
    expect(readOutcome(tool, text)).toMatchObject({ state, reason })
  })

  it('takes any text without an error', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '"',
      '"content": "',
      '\\',
      '\\u00',
      'Error:',
      '\n',
      '"exit_code": 1',
      'success',
      '{"success"',
      '[',
    )
    const texts = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(texts, fc.constantFrom('read_file', 'list_files', 'execute_command'), (text, tool) => {
        const outcome = readOutcome(tool, text)
        expect(typeof contentOf(outcome)).toBe('string')
        filesOf(outcome)
      }),
    )
  })

  it('never takes a result for whole that lacks its end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.nat(), (content, seed) => {
        const whole = JSON.stringify({ success: true, content })
        expect(readOutcome('read_file', whole)).toMatchObject({ cut: false, data: { content } })
        const end = 12 + (seed % (whole.length - 12))
        expect(readOutcome('read_file', whole.slice(0, end)).cut).toBe(true)
      }),
    )
  })
})

describe('filesOf', () => {
  it.each([
    ['{"items":[{"name":"a","path":"x/a","type":"file"},{"name":"b","type":"directory"}]}'],
    ['{"items":["x/a","b/"]}'],
    ['x/a\nb/'],
    ['- ./x/a\n- b/\n'],
  ])('reads %s', (text) => {
    expect(filesOf(readOutcome('list_files', text))).toEqual([
      { name: 'x/a', isFolder: false },
      { name: 'b', isFolder: true },
    ])
  })

  it('finds nothing in a failure', () => {
    expect(filesOf(readOutcome('list_files', 'Error: Directory not found: x'))).toEqual([])
  })
})
