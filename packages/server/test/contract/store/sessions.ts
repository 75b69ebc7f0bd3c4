import { describe, expect, it } from 'vitest'
import { newMessage, newSession, OWNER } from './samples.ts'
import type { Current } from './under-test.ts'

export function describeSessions(current: Current): void {
  describe('sessions', () => {
    it('begin empty and idle', async () => {
      const created = await current.unitOfWork.transact((tx) => tx.sessions.create(newSession('s1')))
      expect(created).toEqual({
        sid: 's1',
        ownerId: OWNER,
        externalId: 'ext-s1',
        title: null,
        description: null,
        createdAt: 1_000,
        lastActivity: 1_000,
        isActive: true,
        currentAgent: 'orchestrator',
        agentChosen: false,
        model: null,
        switchCount: 0,
        lastSwitchAt: null,
        messageCount: 0,
        lastSeq: 0,
        state: 'idle',
        turnId: null,
        owner: null,
        fence: 0,
        stop: null,
      })
      const found = await current.unitOfWork.read((tx) => tx.sessions.find(OWNER, 'ext-s1'))
      expect(found).toEqual(created)
    })

    it('are told apart by their owner', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact(async (tx) => {
        await tx.sessions.create(newSession('s1', { externalId: 'same' }))
        await tx.sessions.create(newSession('s2', { externalId: 'same', ownerId: 'other' }))
      })
      expect((await unitOfWork.read((tx) => tx.sessions.find('other', 'same')))?.sid).toBe('s2')
      expect(await unitOfWork.read((tx) => tx.sessions.find('third', 'same'))).toBeUndefined()
    })

    it('have an id once per owner', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact((tx) => tx.sessions.create(newSession('s1', { externalId: 'same' })))
      const second = unitOfWork.transact((tx) => tx.sessions.create(newSession('s2', { externalId: 'same' })))
      await expect(second).rejects.toMatchObject({ code: 'session_exists' })
    })

    it('may come again under the same id after a delete', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact((tx) => tx.sessions.create(newSession('s1', { externalId: 'same' })))
      await unitOfWork.transact((tx) => tx.sessions.remove('s1', 7_000))
      expect(await unitOfWork.read((tx) => tx.sessions.find(OWNER, 'same'))).toBeUndefined()
      expect(await unitOfWork.read((tx) => tx.sessions.get('s1'))).toMatchObject({ deleted: true, isActive: false })
      await unitOfWork.transact((tx) => tx.sessions.create(newSession('s2', { externalId: 'same' })))
      await unitOfWork.transact((tx) => tx.sessions.remove('s2', 8_000))
      await unitOfWork.transact((tx) => tx.sessions.create(newSession('s3', { externalId: 'same' })))
      expect(await unitOfWork.read((tx) => tx.sessions.find(OWNER, 'same'))).toMatchObject({ sid: 's3' })
      expect(await unitOfWork.read((tx) => tx.sessions.get('s3'))).toMatchObject({ deleted: false })
      expect(await unitOfWork.read((tx) => tx.sessions.get('s4'))).toBeUndefined()
    })

    it('change in what a patch names, and in nothing else', async () => {
      const { unitOfWork } = current
      const before = await unitOfWork.transact((tx) => tx.sessions.create(newSession('s1')))
      const patch = {
        title: 'Grüße 😀',
        lastActivity: 9_007_199_254_740_991,
        isActive: false,
        currentAgent: 'coder',
        agentChosen: true,
        switchCount: 3,
        lastSwitchAt: 1_795_577_490_896,
        state: 'awaiting_approval' as const,
        turnId: 'turn-9',
      }
      await unitOfWork.transact((tx) => tx.sessions.update('s1', patch))
      expect(await unitOfWork.read((tx) => tx.sessions.get('s1'))).toEqual({ ...before, ...patch, deleted: false })
      await unitOfWork.transact((tx) => tx.sessions.update('s1', {}))
      await unitOfWork.transact((tx) => tx.sessions.update('s1', { turnId: null }))
      const after = { ...before, ...patch, turnId: null, deleted: false }
      expect(await unitOfWork.read((tx) => tx.sessions.get('s1'))).toEqual(after)
      const unknown = unitOfWork.transact((tx) => tx.sessions.update('s2', { title: 'x' }))
      await expect(unknown).rejects.toMatchObject({ code: 'internal' })
    })

    it('are listed by their newest activity, in pages, with the count of all that match', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact(async (tx) => {
        for (let n = 1; n <= 5; n += 1) await tx.sessions.create(newSession(`s${n}`, { createdAt: n * 100 }))
        await tx.sessions.create(newSession('other', { ownerId: 'other', createdAt: 900 }))
        await tx.sessions.create(newSession('gone', { createdAt: 900 }))
        await tx.sessions.remove('gone', 901)
        await tx.messages.append(newMessage('s2', 'm1', { createdAt: 950 }))
        await tx.sessions.update('s4', { isActive: false })
        await tx.sessions.update('s1', { lastActivity: 500 })
      })
      const list = (query: { limit: number; offset: number; activeOnly: boolean }) =>
        unitOfWork.read(async (tx) => {
          const { sessions, total } = await tx.sessions.list({ ownerId: OWNER, ...query })
          return { sids: sessions.map((session) => session.sid), total }
        })
      expect(await list({ limit: 10, offset: 0, activeOnly: false })).toEqual({
        sids: ['s2', 's1', 's5', 's4', 's3'],
        total: 5,
      })
      expect(await list({ limit: 2, offset: 1, activeOnly: true })).toEqual({ sids: ['s1', 's5'], total: 4 })
      expect(await list({ limit: 2, offset: 9, activeOnly: true })).toEqual({ sids: [], total: 4 })
      expect(await unitOfWork.read((tx) => tx.sessions.count())).toBe(6)
    })

    it('are counted as they come, rest, wake and go', async () => {
      const { unitOfWork } = current
      const counts = () =>
        unitOfWork.read(async (tx) => {
          const total = async (activeOnly: boolean) =>
            (await tx.sessions.list({ ownerId: OWNER, limit: 1, offset: 0, activeOnly })).total
          return { all: await total(false), active: await total(true), ofEverybody: await tx.sessions.count() }
        })
      expect(await counts()).toEqual({ all: 0, active: 0, ofEverybody: 0 })
      await unitOfWork.transact(async (tx) => {
        for (const sid of ['s1', 's2', 's3', 's4', 's5']) await tx.sessions.create(newSession(sid))
        await tx.sessions.create(newSession('other', { ownerId: 'other' }))
        for (const sid of ['s1', 's2']) await tx.sessions.update(sid, { isActive: false })
      })
      expect(await counts()).toEqual({ all: 5, active: 3, ofEverybody: 6 })
      await unitOfWork.transact((tx) => tx.sessions.update('s2', { isActive: true }))
      await unitOfWork.transact(async (tx) => {
        for (let again = 0; again < 2; again++) await tx.sessions.remove('s1', 2_000)
      })
      expect(await counts()).toEqual({ all: 4, active: 4, ofEverybody: 5 })
      const idle = { before: 5_000, emptyOnly: false }
      await unitOfWork.transact((tx) => tx.maintenance.removeIdle(idle, ['s1', 's2', 's3', 'other'], 3_000))
      expect(await counts()).toEqual({ all: 2, active: 2, ofEverybody: 2 })
      const failed = unitOfWork.transact(async (tx) => {
        await tx.sessions.create(newSession('s6'))
        throw new Error('rolled back')
      })
      await expect(failed).rejects.toThrow()
      expect(await counts()).toEqual({ all: 2, active: 2, ofEverybody: 2 })
    })

    it('are found without their owner, where only one has the id', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact(async (tx) => {
        await tx.sessions.create(newSession('s1', { externalId: 'one', ownerId: 'alice' }))
        await tx.sessions.create(newSession('s2', { externalId: 'two', ownerId: 'alice' }))
        await tx.sessions.create(newSession('s3', { externalId: 'two', ownerId: 'bob' }))
        await tx.sessions.create(newSession('s4', { externalId: 'gone', ownerId: 'bob' }))
        await tx.sessions.remove('s4', 5)
      })
      const find = (id: string) => unitOfWork.read(async (tx) => (await tx.sessions.findOnly(id))?.sid)
      expect(await Promise.all(['one', 'two', 'gone', 'never'].map(find))).toEqual([
        's1',
        undefined,
        undefined,
        undefined,
      ])
      await unitOfWork.transact((tx) => tx.sessions.remove('s3', 5))
      expect(await find('two')).toBe('s2')
    })
  })
}
