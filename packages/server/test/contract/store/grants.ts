import { beforeEach, describe, expect, it } from 'vitest'
import { newCall, newGrant, newSession, OWNER } from './samples.ts'
import type { Current } from './under-test.ts'

const project = { id: 'p1', name: 'orders-api' }

export function describeGrants(current: Current): void {
  describe('grants', () => {
    beforeEach(async () => {
      await current.unitOfWork.transact(async (tx) => {
        await tx.sessions.create(newSession('s1'))
        await tx.sessions.create(newSession('s2'))
        await tx.sessions.create(newSession('s3', { ownerId: 'somebody', externalId: 'theirs' }))
        await tx.grants.add(newGrant('g1'))
        await tx.grants.add(newGrant('g2', { sid: null, project, createdBy: 'terminal' }))
        await tx.grants.add(newGrant('g3', { sid: null, project, ownerId: 'somebody', madeIn: 's3' }))
        await tx.grants.add(newGrant('g4', { effect: 'deny', pattern: '*', tool: '*' }))
      })
    })

    const ids = (grants: readonly { readonly id: string }[]) => grants.map(({ id }) => id)

    it('are read as they were made, after a restart too', async () => {
      await current.reopen()
      await current.unitOfWork.read(async (tx) => {
        expect(await tx.grants.find(OWNER, 'g2')).toEqual(newGrant('g2', { sid: null, project, createdBy: 'terminal' }))
      })
    })

    it('of a project are added by one unit after the other', async () => {
      const add = (id: string) =>
        current.unitOfWork.transact(async (tx) => {
          await tx.grants.holdProject(OWNER, 'p2')
          if ((await tx.grants.ofProject(OWNER, 'p2')).length > 0) return
          await tx.grants.add(newGrant(id, { sid: null, project: { id: 'p2', name: 'p2' } }))
        })
      await Promise.all(['g5', 'g6', 'g7', 'g8'].map(add))
      expect(await current.unitOfWork.read((tx) => tx.grants.ofProject(OWNER, 'p2'))).toHaveLength(1)
    })

    it('are listed in order, by session and by project, each owner for themselves', async () => {
      await current.unitOfWork.read(async (tx) => {
        expect(ids(await tx.grants.ofSession('s1'))).toEqual(['g1', 'g4'])
        expect(ids(await tx.grants.ofSession('s2'))).toEqual([])
        expect(ids(await tx.grants.ofProject(OWNER, 'p1'))).toEqual(['g2'])
        expect(ids(await tx.grants.list(OWNER, 10))).toEqual(['g1', 'g2', 'g4'])
        expect(ids(await tx.grants.list(OWNER, 2))).toEqual(['g1', 'g2'])
        expect(await tx.grants.find(OWNER, 'g3')).toBeUndefined()
      })
    })

    it('are gone when they are removed', async () => {
      await current.unitOfWork.transact((tx) => tx.grants.remove('g1'))
      expect(ids(await current.unitOfWork.read((tx) => tx.grants.ofSession('s1')))).toEqual(['g4'])
    })

    it('go with their session, those of a project stay', async () => {
      await current.unitOfWork.transact(async (tx) => {
        await tx.sessions.remove('s1', 10)
        while ((await tx.maintenance.purge({ before: 20, reached: null }, 100)).rows > 0);
      })
      expect(ids(await current.unitOfWork.read((tx) => tx.grants.list(OWNER, 10)))).toEqual(['g2'])
    })
  })

  describe('the newest calls', () => {
    it('come newest first, of the sessions of their owner that are not deleted, with what decided', async () => {
      const ruling = {
        effect: 'ask' as const,
        reason: 'Commands need a person',
        rule: { source: 'default' as const, id: null, text: 'commands need a person' },
      }
      await current.unitOfWork.transact(async (tx) => {
        for (const sid of ['s1', 's2', 's4']) await tx.sessions.create(newSession(sid))
        await tx.sessions.create(newSession('s3', { ownerId: 'somebody' }))
        await tx.calls.create(newCall('s1', 'c1'))
        await tx.calls.create(newCall('s2', 'c2', { ruling, shownHash: 'abc' }))
        await tx.calls.create(newCall('s3', 'c3'))
        await tx.calls.create(newCall('s4', 'c4'))
        await tx.sessions.remove('s4', 10)
      })
      const newest = (sid: string | undefined, limit: number) =>
        current.unitOfWork.read((tx) => tx.calls.newest(OWNER, sid, limit))
      const all = await newest(undefined, 10)
      expect(all.map(({ externalId, call }) => [externalId, call.callId])).toEqual([
        ['ext-s2', 'c2'],
        ['ext-s1', 'c1'],
      ])
      expect(all[0]?.call).toEqual(newCall('s2', 'c2', { ruling, shownHash: 'abc' }))
      // Two of the newest three are nobody's to see.
      expect(await newest(undefined, 3)).toHaveLength(1)
      expect((await newest('s1', 10)).map(({ call }) => call.callId)).toEqual(['c1'])
    })
  })
}
