import { beforeEach, describe, expect, it } from 'vitest'
import { newCall, newSession, pendingApproval } from './samples.ts'
import type { Current } from './under-test.ts'

export function describeCalls(current: Current): void {
  describe('tool calls', () => {
    beforeEach(async () => {
      await current.unitOfWork.transact(async (tx) => {
        await tx.sessions.create(newSession('s1'))
        await tx.sessions.create(newSession('s2'))
      })
    })

    it('come back as they were, arguments byte for byte', async () => {
      const { unitOfWork } = current
      const plain = newCall('s1', 'call_1', { argumentsJson: ' {"b":1,"a":12345678901234567890,"c":1.0}\n' })
      const decided = newCall('s1', 'call_2', {
        editedJson: '{"z":1,"a":2}',
        state: 'answered',
        approval: pendingApproval({
          status: 'rejected',
          decision: 'reject',
          implicit: true,
          feedback: 'не надо',
          decidedBy: 'ide-1',
          decidedAt: 4_000,
        }),
        dispatchedAt: 5_000,
        answeredAt: 6_000,
        failed: false,
        resultMessageId: 'message-2',
        syntheticReason: 'superseded',
        lowered: true,
        parentCallId: 'call_1',
      })
      await unitOfWork.transact(async (tx) => {
        await tx.calls.create(plain)
        await tx.calls.create(decided)
      })
      const again = await current.reopen()
      expect(await again.read((tx) => tx.calls.find('s1', 'call_1'))).toEqual(plain)
      expect(await again.read((tx) => tx.calls.find('s1', 'call_2'))).toEqual(decided)
    })

    it('belong to their session: the same id may stand in two', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact(async (tx) => {
        await tx.calls.create(newCall('s1', 'call_0', { tool: 'read_file' }))
        await tx.calls.create(newCall('s2', 'call_0', { tool: 'write_file' }))
      })
      const twice = unitOfWork.transact((tx) => tx.calls.create(newCall('s1', 'call_0')))
      await expect(twice).rejects.toThrow()
      await unitOfWork.read(async (tx) => {
        expect((await tx.calls.find('s2', 'call_0'))?.tool).toBe('write_file')
        expect(await tx.calls.existing('s1', ['call_0', 'call_1'])).toEqual(new Set(['call_0']))
        expect(await tx.calls.existing('s1', [])).toEqual(new Set())
        expect(await tx.calls.find('s1', 'call_1')).toBeUndefined()
      })
    })

    it('are listed by what they wait for, in the order they came', async () => {
      const { unitOfWork } = current
      const approval = pendingApproval()
      await unitOfWork.transact(async (tx) => {
        await tx.calls.create(newCall('s1', 'd', { index: 1 }))
        await tx.calls.create(newCall('s1', 'c', { state: 'answered', messageId: 'message-2' }))
        await tx.calls.create(newCall('s1', 'b', { state: 'awaiting_approval', approval, index: 0 }))
        await tx.calls.create(newCall('s1', 'a', { state: 'cancelled', messageId: 'message-2' }))
        await tx.calls.create(newCall('s1', 'e', { state: 'cancelled', index: 0, parentCallId: 'b' }))
        await tx.calls.create(newCall('s2', 'other'))
      })
      const ids = (calls: readonly { readonly callId: string }[]) => calls.map((call) => call.callId)
      await unitOfWork.read(async (tx) => {
        expect(ids(await tx.calls.list('s1', 'all'))).toEqual(['d', 'c', 'b', 'a', 'e'])
        expect(ids(await tx.calls.list('s1', 'open'))).toEqual(['d', 'b'])
        expect(ids(await tx.calls.list('s1', 'pending'))).toEqual(['b'])
        expect(ids(await tx.calls.listByMessage('s1', 'message-1'))).toEqual(['b', 'e', 'd'])
        expect(ids(await tx.calls.listByIds('s1', ['a', 'other', 'd']))).toEqual(['d', 'a'])
        expect(await tx.calls.listByIds('s1', [])).toEqual([])
      })
    })

    it('keep what they would do apart, the last one given', async () => {
      const { unitOfWork } = current
      const first = { oldSha256: null, diff: '+a', truncated: false }
      const last = { oldSha256: 'ab'.repeat(32), diff: '-a\n+ж', truncated: true }
      await unitOfWork.transact(async (tx) => {
        await tx.calls.create(newCall('s1', 'call_1'))
        await tx.previews.put('s1', 'call_1', first)
        await tx.previews.put('s1', 'call_1', last)
        await tx.previews.put('s2', 'call_1', first)
      })
      const again = await current.reopen()
      await again.read(async (tx) => {
        expect(await tx.previews.find('s1', 'call_1')).toEqual(last)
        expect(await tx.previews.find('s1', 'call_2')).toBeUndefined()
        expect(await tx.previews.listByCalls('s1', ['call_1', 'call_2'])).toEqual(new Map([['call_1', last]]))
        expect(await tx.previews.listByCalls('s1', [])).toEqual(new Map())
      })
    })

    it('keep full results apart', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact(async (tx) => {
        await tx.artifacts.put('s1', 'call_1', 'first')
        await tx.artifacts.put('s1', 'call_1', 'вторая\n')
        await tx.artifacts.put('s2', 'call_1', 'other')
      })
      const again = await current.reopen()
      await again.read(async (tx) => {
        expect(await tx.artifacts.find('s1', 'call_1')).toBe('вторая\n')
        expect(await tx.artifacts.find('s1', 'call_2')).toBeUndefined()
      })
    })

    it('change only from the state that the caller saw', async () => {
      const { unitOfWork } = current
      const call = newCall('s1', 'call_1', { state: 'awaiting_approval', approval: pendingApproval() })
      await unitOfWork.transact((tx) => tx.calls.create(call))
      const approval = pendingApproval({ status: 'approved', decision: 'approve', decidedBy: 'ide', decidedAt: 9_000 })
      const decide = () =>
        unitOfWork.transact((tx) =>
          tx.calls.update('s1', 'call_1', 'awaiting_approval', { state: 'open', approval, dispatchedAt: 9_000 }),
        )
      expect((await Promise.all([decide(), decide()])).sort()).toEqual([false, true])
      const answer = {
        state: 'answered' as const,
        answeredAt: 9_500,
        failed: true,
        resultMessageId: 'm',
      }
      expect(await unitOfWork.transact((tx) => tx.calls.update('s1', 'call_1', 'open', answer))).toBe(true)
      expect(await unitOfWork.read((tx) => tx.calls.find('s1', 'call_1'))).toEqual({
        ...call,
        state: 'answered',
        approval,
        dispatchedAt: 9_000,
        answeredAt: 9_500,
        failed: true,
        resultMessageId: 'm',
      })
      await unitOfWork.transact(async (tx) => {
        expect(await tx.calls.update('s1', 'call_1', 'answered', {})).toBe(true)
        expect(await tx.calls.update('s2', 'call_1', 'answered', {})).toBe(false)
        await tx.calls.update('s1', 'call_1', 'answered', {
          approval: null,
          failed: null,
          editedJson: '{}',
          syntheticReason: 'cancelled',
        })
        expect(await tx.calls.find('s1', 'call_1')).toMatchObject({
          approval: null,
          failed: null,
          editedJson: '{}',
          syntheticReason: 'cancelled',
        })
      })
    })
  })
}
