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

describe('a result as text', () => {
  it.each([
    ['a.ts, lines 1-2 of 2\n1\tone\n2\t\ttwo', 'one\n\ttwo\n', false],
    ['a.ts, lines 1-2 of 2, CRLF line ends\n1\tone\n2\ttwo\n[Line 2 has no line end.]', 'one\r\ntwo', false],
    ['a.ts, lines 1-1 of 9\n1\tone\n[Lines 2-9 are left out. The next ones: read_file {}]', 'one\n', true],
    ['a.ts, lines 1-2 of 2, mixed line ends\n1\tone\n2\ttwo', 'one\ntwo\n', true],
    ['a.ts is empty.', '', false],
  ])('reads the lines of %j', (text, content, cut) => {
    expect(readOutcome('read_file', text)).toMatchObject({ state: 'done', data: { content }, cut })
  })

  it('reads matches and the output of a command', () => {
    const matches =
      '2 matches in 2 files\na.ts\n1-\tbefore\n2:\tError: x\n--\n9:\ty\nb.ts\n1:\tz\n[1 of 2 matches are left out: c]'
    expect(readOutcome('search_in_code', matches)).toMatchObject({
      state: 'done',
      data: {
        total_matches: 2,
        matches: [
          { path: 'a.ts', line: 2, text: 'Error: x' },
          { path: 'a.ts', line: 9 },
          { path: 'b.ts', line: 1 },
        ],
      },
    })
    expect(readOutcome('search_in_code', 'No match.').data).toEqual({ matches: [], total_matches: 0 })
    expect(readOutcome('execute_command', 'exit code 3, 0.1 s\nError: no\nmore').data).toEqual({
      exit_code: 3,
      stdout: 'Error: no\nmore',
    })
    expect(
      readOutcome('execute_command', 'exit code 143, ended at its time limit of 1 s\non\n[To let it run on: x]').data,
    ).toEqual({
      exit_code: 143,
      stdout: 'on',
      timed_out: true,
    })
    expect(readOutcome('execute_command', 'exit code 0, 0.1 s, no output').data).toEqual({ exit_code: 0, stdout: '' })
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
