import { describe, expect, it } from 'vitest'
import type { Transaction } from '../../../src/application/ports/store.ts'
import { RuntimeError } from '../../../src/domain/errors.ts'
import { newMessage, newSession, OWNER } from './samples.ts'
import type { Current } from './under-test.ts'

export function describeUnits(current: Current): void {
  describe('a unit of work', () => {
    it('keeps all of it when the work ends', async () => {
      const { unitOfWork } = current
      const value = await unitOfWork.transact(async (tx) => {
        await tx.sessions.create(newSession('s1'))
        await tx.messages.append(newMessage('s1', 'm1'))
        return 'done'
      })
      expect(value).toBe('done')
      const again = await current.reopen()
      expect(await again.read((tx) => tx.messages.list('s1'))).toHaveLength(1)
    })

    it('keeps nothing when the work throws, and gives the error as it was', async () => {
      const { unitOfWork } = current
      const failure = new RuntimeError('tool_not_allowed', 'no')
      const work = unitOfWork.transact(async (tx) => {
        await tx.sessions.create(newSession('s1'))
        throw failure
      })
      await expect(work).rejects.toBe(failure)
      expect(await unitOfWork.read((tx) => tx.sessions.find(OWNER, 'ext-s1'))).toBeUndefined()
    })

    it('keeps nothing of statements that still run when the work has thrown', async () => {
      const { unitOfWork } = current
      let left: Promise<PromiseSettledResult<unknown>[]> | undefined
      const work = unitOfWork.transact(async (tx) => {
        left = Promise.allSettled([tx.sessions.create(newSession('s1')), tx.sessions.create(newSession('s2'))])
        throw new Error('too early')
      })
      await expect(work).rejects.toThrow('too early')
      const outcomes = await left
      expect(outcomes?.map((outcome) => outcome.status)).toContain('rejected')
      expect(await unitOfWork.read((tx) => tx.sessions.count())).toBe(0)
    })

    it('is whole at the commit, and survives when `durable` says so', async () => {
      const { unitOfWork } = current
      const { value, durable } = await unitOfWork.commit((tx) => tx.sessions.create(newSession('s1')))
      expect(value.sid).toBe('s1')
      await durable
      const again = await current.reopen()
      expect(await again.read((tx) => tx.sessions.count())).toBe(1)
    })

    it('does not overlap with another one of the same session: what it has read stays true', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact((tx) => tx.sessions.create(newSession('s1')))
      const count = async (tx: Transaction) => {
        const session = await tx.sessions.find(OWNER, 'ext-s1')
        await tx.sessions.update('s1', { switchCount: (session?.switchCount ?? 0) + 1 })
      }
      await Promise.all(Array.from({ length: 30 }, () => unitOfWork.transact(count)))
      expect(await unitOfWork.read((tx) => tx.sessions.get('s1'))).toMatchObject({ switchCount: 30 })
    })

    it('that makes a session which another one makes meanwhile finds it', async () => {
      const { unitOfWork } = current
      const take = async (tx: Transaction, sid: string) =>
        (await tx.sessions.find(OWNER, 'ext-s1')) ??
        (await tx.sessions.create({ ...newSession(sid), externalId: 'ext-s1' }))
      const sids = Array.from({ length: 8 }, (_, index) => `s${index}`)
      const taken = await Promise.all(sids.map((sid) => unitOfWork.transact((tx) => take(tx, sid))))
      expect(new Set(taken.map(({ sid }) => sid)).size).toBe(1)
    })

    it('refuses its stores once it has ended', async () => {
      const { unitOfWork } = current
      let kept: Transaction | undefined
      await unitOfWork.transact(async (tx) => {
        kept = tx
      })
      await expect(kept?.sessions.count()).rejects.toThrow(/after its unit of work had ended/)
      // Nor may it slip into the unit of somebody else.
      await unitOfWork.transact(async (tx) => {
        await tx.sessions.count()
        await expect(kept?.sessions.create(newSession('s1'))).rejects.toThrow(/after its unit of work had ended/)
      })
      expect(await unitOfWork.read((tx) => tx.sessions.count())).toBe(0)
    })

    it('refuses a unit inside a unit instead of waiting for itself', async () => {
      const { unitOfWork } = current
      const nested = unitOfWork.transact(() => unitOfWork.transact((tx) => tx.sessions.count()))
      await expect(nested).rejects.toThrow(/inside another one/)
      await expect(unitOfWork.read(() => unitOfWork.read((tx) => tx.sessions.count()))).rejects.toThrow(
        /inside another/,
      )
    })

    it('lets what a unit has started use the store after its end', async () => {
      const { unitOfWork } = current
      const over = Promise.withResolvers<void>()
      let later: Promise<number> | undefined
      await unitOfWork.transact(async (tx) => {
        later = over.promise.then(() => unitOfWork.read((other) => other.sessions.count()))
        await tx.sessions.create(newSession('s1'))
      })
      over.resolve()
      expect(await later).toBe(1)
    })

    it('goes on after a unit that failed', async () => {
      const { unitOfWork } = current
      const failing = unitOfWork.transact(async () => Promise.reject(new Error('no')))
      const next = unitOfWork.transact((tx) => tx.sessions.create(newSession('s1')))
      await expect(failing).rejects.toThrow('no')
      expect((await next).sid).toBe('s1')
    })

    it('refuses to write in a unit that reads', async () => {
      const { unitOfWork } = current
      const work = unitOfWork.read((tx) => tx.sessions.create(newSession('s1')))
      await expect(work).rejects.toMatchObject({ code: 'internal' })
      expect(await unitOfWork.read((tx) => tx.sessions.count())).toBe(0)
    })
  })
}
