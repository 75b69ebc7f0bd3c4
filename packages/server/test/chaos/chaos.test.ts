import { expect, it } from 'vitest'
import { tellChaos } from './story.ts'

const seconds = 1000

it('loses nothing, asks for no finished step again and mixes no turns, whatever befalls a replica or the database', {
  timeout: 600 * seconds,
}, async () => {
  // Other tests keep the machine busy meanwhile.
  const env = { CODELAB_REPLICA_SILENT_MS: '6000' }
  const { faults, made } = await tellChaos(7, ['kill', 'stop', 'cut', 'postgres', 'dead', 'pause'], env)
  expect(faults.join('\n\n')).toBe('')
  expect(made.size).toBe(6)
})
