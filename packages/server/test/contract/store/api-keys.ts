import { describe, expect, it } from 'vitest'
import type { ApiKey } from '../../../src/domain/api-key.ts'
import type { Current } from './under-test.ts'

function newKey(id: string, differing: Partial<ApiKey> = {}): ApiKey {
  const nothing = { rate: null, expiresAt: null, revokedAt: null, lastUsedAt: null }
  return { id, ownerId: 'alice', hash: `hash-${id}`, hint: 'clk_abcd', createdAt: 1_000, ...nothing, ...differing }
}

export function describeApiKeys(current: Current): void {
  describe('keys of persons', () => {
    it('are found by their hash, after a restart too', async () => {
      const key = newKey('k1', { rate: { max: 60, windowMs: 60_000 }, expiresAt: 9_000_000_000_000 })
      await current.unitOfWork.transact((tx) => tx.apiKeys.add(key))
      await current.reopen()
      await current.unitOfWork.transact((tx) => tx.apiKeys.touch('k1', 5_000))
      await current.unitOfWork.read(async (tx) => {
        expect(await tx.apiKeys.findByHash('hash-k1')).toEqual({ ...key, lastUsedAt: 5_000 })
        expect(await tx.apiKeys.findByHash('hash-k2')).toBeUndefined()
      })
    })

    it('are listed by user, and revoked once', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact(async (tx) => {
        await tx.apiKeys.add(newKey('k1', { createdAt: 2_000 }))
        await tx.apiKeys.add(newKey('k2'))
        await tx.apiKeys.add(newKey('k3', { ownerId: 'bob' }))
      })
      const list = (user?: string) =>
        unitOfWork.read(async (tx) => (await tx.apiKeys.list(user, 10)).map(({ id, revokedAt }) => [id, revokedAt]))
      const revoke = (which: { id: string } | { ownerId: string }, at: number) =>
        unitOfWork.transact((tx) => tx.apiKeys.revoke(which, at))
      expect(await revoke({ id: 'k1' }, 3_000)).toEqual(['hash-k1'])
      expect(await revoke({ id: 'k1' }, 4_000)).toEqual([])
      expect(await revoke({ ownerId: 'alice' }, 5_000)).toEqual(['hash-k2'])
      expect(await list()).toEqual([
        ['k2', 5_000],
        ['k1', 3_000],
        ['k3', null],
      ])
      expect(await list('bob')).toEqual([['k3', null]])
    })
  })
}
