import { createTwoFilesPatch } from 'diff'
import { expect, test } from 'vitest'
import { choosable } from './hunks.ts'

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}`)
const before = `${lines(40).join('\n')}\n`
const after = before
  .replace('line 3\n', 'LINE 3\nadded after 3\n')
  .replace('line 20\n', '')
  .replace('line 38\n', 'LINE 38\n')
const diff = createTwoFilesPatch('a', 'b', before, after)

test('every choice of changes gives the file with exactly these', () => {
  const choice = choosable('write_file', { path: 'a', content: after }, diff)
  expect(choice?.count).toBe(3)
  for (let bits = 0; bits < 8; bits++) {
    const wanted = [0, 1, 2].map((bit) => (bits & (1 << bit)) !== 0)
    let expected = before
    if (wanted[0]) expected = expected.replace('line 3\n', 'LINE 3\nadded after 3\n')
    if (wanted[1]) expected = expected.replace('line 20\n', '')
    if (wanted[2]) expected = expected.replace('line 38\n', 'LINE 38\n')
    expect(choice?.keep(wanted)).toEqual({ path: 'a', content: expected })
  }
})

test('a diff that does not fit the text, or has one change, gives no choice', () => {
  expect(choosable('write_file', { content: 'something else\n' }, diff)).toBeUndefined()
  const one = createTwoFilesPatch('a', 'b', 'x\n', 'y\n')
  expect(choosable('write_file', { content: 'y\n' }, one)).toBeUndefined()
  expect(choosable('write_file', { content: after }, undefined)).toBeUndefined()
})

test('edits of a file are chosen one by one', () => {
  const edits = [{ old_text: 'a' }, { old_text: 'b' }]
  expect(choosable('edit_file', { path: 'p', edits }, undefined)?.keep([false, true])).toEqual({
    path: 'p',
    edits: [{ old_text: 'b' }],
  })
})
