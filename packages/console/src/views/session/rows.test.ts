import { expect, test } from 'vitest'
import type { AnswerItem, Item, UserItem } from '../../session/items.ts'
import { rowsOf } from './rows.ts'

const place = { at: '', turnId: 't' }
const user = (id: string): UserItem => ({ kind: 'user', ...place, id, segment: -1, text: id })
const answer = (id: string, segment: number): AnswerItem => ({
  kind: 'answer',
  ...place,
  id,
  segment,
  text: id,
  isStreaming: false,
  isCut: false,
})

test('what an agent did in a row is one row with one head, in pieces of a bounded length', () => {
  const items: Item[] = [user('u'), ...Array.from({ length: 30 }, (_, index) => answer(`a${index}`, 0)), answer('b', 1)]
  const rows = rowsOf(items, [])
  expect(rows.map((row) => [row.key, row.items.length, row.isHead])).toEqual([
    ['u', 1, false],
    ['a0', 12, true],
    ['a12', 12, false],
    ['a24', 6, false],
    ['b', 1, true],
  ])
  expect(rows.flatMap((row) => row.items)).toEqual(items)
})

test('rows that did not change are the same objects', () => {
  const items: Item[] = [user('u'), answer('a', 0), user('v'), answer('b', 1)]
  const before = rowsOf(items, [])
  const after = rowsOf([...items.slice(0, 3), answer('b', 1), answer('c', 1)], before)
  expect(after.map((row, index) => row === before[index])).toEqual([true, true, true, false])
})
