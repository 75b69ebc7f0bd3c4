import { beforeEach, describe, expect, it } from 'vitest'
import type { NewEvent } from '../../../src/domain/event.ts'
import { newCall, newMessage, newSession, pendingApproval } from './samples.ts'
import type { Current } from './under-test.ts'

const started: NewEvent = { type: 'turn.started', facts: { agent: 'coder' }, turnId: 'turn-1' }

export function describeEventLog(current: Current): void {
  describe('the log', () => {
    beforeEach(async () => {
      await current.unitOfWork.transact(async (tx) => {
        await tx.sessions.create(newSession('s1'))
        await tx.sessions.create(newSession('s2'))
      })
    })

    it('numbers the events of each session without a gap', async () => {
      const { unitOfWork } = current
      const append = (sid: string, count: number) =>
        unitOfWork.transact((tx) => tx.log.append(sid, 700, Array<NewEvent>(count).fill(started)))
      const appended = await Promise.all([append('s1', 2), append('s2', 1), append('s1', 3), append('s2', 0)])
      expect(appended.map((events) => events.map((event) => event.seq))).toEqual([[1, 2], [1], [3, 4, 5], []])
      await unitOfWork
        .transact(async (tx) => {
          await tx.log.append('s1', 700, [started])
          throw new Error('no')
        })
        .catch(() => {})
      expect((await append('s1', 1))[0]?.seq).toBe(6)
      expect(await unitOfWork.read((tx) => tx.sessions.get('s1'))).toMatchObject({ lastSeq: 6 })
    })

    it('gives back what was appended, numbered, with the attachments as given', async () => {
      const message = { ...newMessage('s1', 'm1'), position: 1 }
      const event: NewEvent = { type: 'message.created', facts: { messageId: 'm1', role: 'user' }, message, runId: 'r' }
      const appended = await current.unitOfWork.transact((tx) => tx.log.append('s1', 700, [event]))
      expect(appended).toEqual([{ ...event, sid: 's1', seq: 1, at: 700 }])
      expect(appended[0]?.message).toBe(message)
    })

    it('reads on after a number, in pages', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact((tx) => tx.log.append('s1', 700, Array<NewEvent>(5).fill(started)))
      const seqs = (seq: number, limit: number) =>
        unitOfWork.read(async (tx) => (await tx.log.readAfter('s1', seq, limit)).map((event) => event.seq))
      expect(await seqs(0, 2)).toEqual([1, 2])
      expect(await seqs(2, 10)).toEqual([3, 4, 5])
      expect(await seqs(5, 10)).toEqual([])
      expect(await unitOfWork.read((tx) => tx.log.readAfter('s2', 0, 10))).toEqual([])
    })

    it('joins the messages and calls as they are now', async () => {
      const { unitOfWork } = current
      const part = { type: 'tool-result' as const, callId: 'call_0', tool: 'read_file', text: 'first' }
      const ids = { callId: 'call_0', tool: 'read_file' }
      await unitOfWork.transact(async (tx) => {
        await tx.messages.append(newMessage('s1', 'm1'))
        await tx.messages.append(newMessage('s1', 'm2', { role: 'tool', parts: [part] }))
        await tx.calls.create(newCall('s1', 'call_0', { state: 'awaiting_approval', approval: pendingApproval() }))
        await tx.calls.create(newCall('s2', 'call_0', { tool: 'another' }))
        await tx.log.append('s1', 700, [
          { type: 'message.created', facts: { messageId: 'm1', role: 'user' }, turnId: 't', runId: 'r' },
          { type: 'tool_call.created', facts: { ...ids, requiresApproval: true } },
          { type: 'approval.requested', facts: { ...ids, reason: null } },
          { type: 'approval.decided', facts: { ...ids, decision: 'edit', implicit: false, by: null } },
          { type: 'tool_call.dispatched', facts: { ...ids, requiresApproval: false } },
          { type: 'tool_result.created', facts: { ...ids, messageId: 'm2', failed: false } },
          { type: 'tool_result.replaced', facts: { ...ids, messageId: 'm2', failed: false } },
          { type: 'tool_call.cancelled', facts: { ...ids, reason: 'superseded' } },
          { type: 'turn.ended', facts: { outcome: 'completed', steps: 2 } },
        ])
        await tx.calls.update('s1', 'call_0', 'awaiting_approval', { state: 'open', editedJson: '{"path":"b.py"}' })
        await tx.messages.replaceResult('s1', 'm2', { ...part, text: 'second' })
      })
      const again = await current.reopen()
      const events = await again.read((tx) => tx.log.readAfter('s1', 0, 100))
      expect(events.map((event) => event.message?.id ?? event.call?.callId)).toEqual([
        'm1',
        'call_0',
        'call_0',
        'call_0',
        'call_0',
        'm2',
        'm2',
        'call_0',
        undefined,
      ])
      expect(events[0]).toEqual({
        type: 'message.created',
        facts: { messageId: 'm1', role: 'user' },
        turnId: 't',
        runId: 'r',
        sid: 's1',
        seq: 1,
        at: 700,
        message: { ...newMessage('s1', 'm1'), position: 1 },
      })
      expect(events[1]?.call).toMatchObject({
        sid: 's1',
        tool: 'read_file',
        editedJson: '{"path":"b.py"}',
        state: 'open',
      })
      expect(events[5]?.message?.parts).toEqual([{ ...part, text: 'second' }])
      expect(events[8]).toMatchObject({ type: 'turn.ended', facts: { outcome: 'completed', steps: 2 }, turnId: null })
    })

    it('goes on after its session was deleted, and needs one', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact(async (tx) => {
        await tx.sessions.remove('s1', 700)
        await tx.log.append('s1', 700, [{ type: 'session.deleted', facts: {} }])
      })
      expect(await unitOfWork.read((tx) => tx.log.readAfter('s1', 0, 10))).toHaveLength(1)
      const work = unitOfWork.transact((tx) => tx.log.append('nowhere', 700, [started]))
      await expect(work).rejects.toMatchObject({ code: 'internal' })
    })
  })
}
