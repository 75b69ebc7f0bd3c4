import { describe, expect, it, onTestFinished } from 'vitest'
import { races } from './races.ts'
import { RaceStage } from './stage.ts'

const rounds = 10

describe('clients of one session that do not wait for each other', () => {
  it.each(Object.entries(races))('%s', async (_name, race) => {
    const stage = await RaceStage.open(1)
    onTestFinished(() => stage[Symbol.asyncDispose]())
    for (let round = 0; round < rounds; round++) expect(await race(stage)).toEqual([])
  })
})
