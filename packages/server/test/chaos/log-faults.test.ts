import { expect, it } from 'vitest'
import { overlaps } from './log-faults.ts'

it('knows runs that overlap, or write after their end', () => {
  const rows = (...entries: readonly (readonly [string, string])[]) =>
    entries.map(([type, run_id], index) => ({ session: 's', seq: String(index + 1), type, run_id }))
  const good = rows(
    ['run.started', 'a'],
    ['run.ended', 'a'],
    ['turn.ended', 'a'],
    ['run.started', 'b'],
    ['run.ended', 'b'],
  )
  expect(overlaps(good)).toEqual([])
  expect(overlaps(rows(['run.started', 'a'], ['run.started', 'b'], ['run.ended', 'b']))).not.toEqual([])
  expect(overlaps(rows(['run.started', 'a'], ['run.ended', 'a'], ['message.created', 'a']))).not.toEqual([])
  expect(overlaps(rows(['run.started', 'a']))).not.toEqual([])
})
