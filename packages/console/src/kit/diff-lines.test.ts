import { expect, test } from 'vitest'
import { readDiff } from './diff-lines.ts'

const patch = `--- a/x.ts
+++ b/x.ts
@@ -1,3 +1,4 @@
 import a
-orders.post('/orders', requireKey, async (req) => {
+orders.post('/orders', requireKey, perKey, async (req) => {
+added
 last
`

test('a changed line is marked only where its words changed, and lines are numbered on both sides', () => {
  const { hunks, added, removed } = readDiff(patch.replace('+added\n', '').replace('+1,4', '+1,3'))
  expect({ added, removed }).toEqual({ added: 1, removed: 1 })
  const [same, gone, come, last] = hunks[0]?.lines ?? []
  expect(same).toMatchObject({ kind: 'same', before: 1, after: 1 })
  expect(gone?.pieces.filter(({ isChanged }) => isChanged)).toEqual([])
  expect(come?.pieces.filter(({ isChanged }) => isChanged).map(({ text }) => text.trim())).toEqual(['perKey,'])
  expect(last).toMatchObject({ before: 3, after: 3 })
})

test('where lines were added too, nothing is compared', () => {
  const lines = readDiff(patch).hunks[0]?.lines ?? []
  expect(lines.flatMap(({ pieces }) => pieces).some(({ isChanged }) => isChanged)).toBe(false)
})

test('what is no diff has nothing to draw', () => {
  expect(readDiff('not a diff\n@@ broken').hunks).toEqual([])
  expect(readDiff('')).toEqual({ hunks: [], added: 0, removed: 0 })
})
