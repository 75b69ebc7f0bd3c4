import { expect, it } from 'vitest'
import { overlaps } from './log-faults.ts'
import { tellChaos } from './story.ts'

const seconds = 1000

it('loses nothing, asks for no finished step again and mixes no turns, whatever befalls a replica or the database', {
  timeout: 600 * seconds,
}, async () => {
  const { faults, made } = await tellChaos(7, ['kill', 'stop', 'cut', 'postgres', 'dead', 'pause', 'kill'])
  expect(faults.join('\n\n')).toBe('')
  expect(made.size).toBe(6)
})

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
