import type { InboxApproval } from '@codelab/protocol'
import { describe, expect, test } from 'vitest'
import { factsOf, firstChange } from './facts.ts'

const diff =
  '--- a/a.ts\n+++ b/a.ts\n@@ -1,3 +1,4 @@\n one\n-two\n+zwei\n+drei\n four\n@@ -9,2 +10,6 @@\n nine\n+a\n+b\n+c\n+d\n ten\n'

function asked(tool: string, args: Record<string, unknown>, preview: InboxApproval['preview'] = null): InboxApproval {
  return {
    request_id: 'c',
    request_type: 'tool',
    subject: tool,
    details: { arguments: args },
    reason: null,
    created_at: '2026-01-18T21:00:00.123Z',
    call_id: 'c',
    tool_name: tool,
    arguments: args,
    preview,
    session_id: 's',
    session_title: null,
    agent: 'coder',
    words: '',
    rule: null,
    call_hash: null,
    decision: null,
  }
}

describe('what a person decides about', () => {
  test('is the command itself', () => {
    const facts = factsOf(asked('execute_command', { command: 'rm -rf build', cwd: 'web', timeout: 60 }))
    expect(facts).toMatchObject({ verb: 'run', command: 'rm -rf build', folder: 'web', rest: { timeout: 60 } })
  })

  test('is the diff of the executor', () => {
    const facts = factsOf(
      asked('write_file', { path: 'a.ts', content: 'x' }, { old_sha256: 'a', diff, truncated: true }),
    )
    expect(facts).toMatchObject({ verb: 'write', object: 'a.ts', isCut: true, rest: {} })
    expect([facts.diff?.added, facts.diff?.removed, facts.diff?.hunks.length]).toEqual([6, 1, 2])
  })

  test('is a new file where there was none', () => {
    const preview = { old_sha256: null, diff, truncated: false }
    expect(factsOf(asked('write_file', { path: 'a.ts', content: 'x' }, preview)).verb).toBe('create')
  })

  test('is the whole new text where nobody showed a diff', () => {
    const facts = factsOf(asked('write_file', { path: 'a.ts', content: 'one\ntwo\n' }))
    expect([facts.verb, facts.diff?.added, facts.diff?.hunks[0]?.lines.length]).toEqual(['write', 2, 2])
  })

  test('is the text as it came where it cannot be read as a diff', () => {
    const preview = { old_sha256: 'a', diff: 'Binary files differ', truncated: false }
    expect(factsOf(asked('edit_file', { path: 'a.png', edits: [1] }, preview))).toMatchObject({
      raw: 'Binary files differ',
      rest: { edits: [1] },
    })
  })

  test('leaves no argument unseen', () => {
    expect(factsOf(asked('some_tool', { a: 1, b: 'two' }))).toMatchObject({
      verb: 'use',
      object: 'some_tool',
      rest: { a: 1, b: 'two' },
    })
  })
})

test('a card shows the first change and says how much is left', () => {
  const { diff: read } = factsOf(asked('write_file', { path: 'a.ts' }, { old_sha256: 'a', diff, truncated: false }))
  if (!read) throw new Error('no diff')
  const { diff: first, left } = firstChange(read)
  expect(first.hunks[0]?.lines.map(({ kind }) => kind)).toEqual(['del', 'add', 'add', 'add'])
  expect(left).toBe(3)
})
