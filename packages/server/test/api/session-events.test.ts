import { expect, test } from 'vitest'
import { readPosition } from '../../src/api/stream/reader-position.ts'

test.each([
  ['0', { seq: 0 }],
  ['17', { seq: 17 }],
  ['17:0197c9a4-6f1e:42', { seq: 17, messageId: '0197c9a4-6f1e', offset: 42 }],
  ['', undefined],
  ['x', undefined],
  ['-1', undefined],
  ['1:', undefined],
  ['1:a', undefined],
  ['1:a:b', undefined],
  ['9'.repeat(30), undefined],
])('the frame id %j', (id, position) => {
  expect(readPosition(id)).toEqual(position)
})
