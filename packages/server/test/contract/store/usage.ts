import { beforeEach, describe, expect, it } from 'vitest'
import type { UsageQuery } from '../../../src/application/ports/usage.ts'
import { newModelCall, newSession, OWNER } from './samples.ts'
import type { Current } from './under-test.ts'

const day = 86_400_000
const everything: UsageQuery = { ownerId: undefined, from: 0, to: 1_000, by: [], limit: 100 }
const none = { day: null, ownerId: null, provider: null, model: null }
const one = { calls: 1, inputTokens: 1_200, cachedTokens: 1_000, outputTokens: 30, reasoningTokens: 4 }

export function describeUsage(current: Current): void {
  describe('usage', () => {
    beforeEach(async () => {
      await current.unitOfWork.transact(async (tx) => {
        await tx.sessions.create(newSession('s1'))
        await tx.sessions.create(newSession('s2', { ownerId: 'alice' }))
        await tx.turns.create({ turnId: 'turn-1', sid: 's1', startedAt: 5 * day, client: null })
        await tx.turns.create({ turnId: 'turn-2', sid: 's1', startedAt: 6 * day - 1, client: null })
        await tx.turns.create({ turnId: 'turn-3', sid: 's2', startedAt: 6 * day, client: null })
        await tx.modelCalls.add(newModelCall('s1', 'c1', { at: 5 * day, cost: 0.5 }))
        await tx.modelCalls.add(newModelCall('s1', 'c2', { at: 6 * day - 1, cost: 0.25, turnId: 'turn-2' }))
        await tx.modelCalls.add(newModelCall('s1', 'c3', { at: 6 * day, cost: 1, model: 'other' }))
        await tx.modelCalls.add(newModelCall('s2', 'c4', { at: 6 * day, cost: null, turnId: 'turn-3' }))
      })
    })

    const read = (query: Partial<UsageQuery>) =>
      current.unitOfWork.read((tx) => tx.usage.read({ ...everything, ...query }))

    it('is added up by day, person and model', async () => {
      expect(await read({ by: ['day'] })).toMatchObject([
        { ...none, day: 5, turns: 2, calls: 2, inputTokens: 2_400, cost: 0.75 },
        { ...none, day: 6, turns: 1, calls: 2, inputTokens: 2_400, cost: null },
      ])
      expect(await read({ by: ['user'] })).toMatchObject([
        { ...none, ownerId: 'alice', turns: 1, ...one, cost: null },
        { ...none, ownerId: OWNER, turns: 2, calls: 3, cost: 1.75 },
      ])
      expect(await read({ by: ['user', 'model'] })).toEqual([
        { ...none, ownerId: 'alice', provider: 'demo', model: 'demo-1', turns: null, ...one, cost: null },
        expect.objectContaining({ ownerId: OWNER, model: 'demo-1', turns: null, calls: 2, cost: 0.75 }),
        { ...none, ownerId: OWNER, provider: 'demo', model: 'other', turns: null, ...one, cost: 1 },
      ])
      expect(await read({})).toMatchObject([{ ...none, turns: 3, calls: 4, outputTokens: 120, cost: null }])
    })

    it('is that of one person and of some days where these are named, and no more rows than wanted', async () => {
      expect(await read({ ownerId: OWNER, by: ['day'], from: 6 })).toMatchObject([
        { day: 6, calls: 1, turns: 0, cost: 1 },
      ])
      expect(await read({ by: ['day', 'user'], to: 5 })).toMatchObject([{ day: 5, ownerId: OWNER, calls: 2 }])
      expect(await read({ by: ['day', 'user'], limit: 2 })).toHaveLength(2)
      expect(await read({ ownerId: 'nobody' })).toEqual([])
    })

    it('stays when sessions go', async () => {
      const before = await read({ by: ['day', 'user'] })
      await current.unitOfWork.transact(async (tx) => {
        await tx.sessions.remove('s1', 7 * day)
        await tx.sessions.remove('s2', 7 * day)
      })
      await current.unitOfWork.transact(async (tx) => {
        while ((await tx.maintenance.purge({ before: 8 * day, reached: null }, 1_000)).rows > 0);
        expect(await tx.sessions.get('s1')).toBeUndefined()
      })
      expect(await read({ by: ['day', 'user'] })).toEqual(before)
    })
  })
}
