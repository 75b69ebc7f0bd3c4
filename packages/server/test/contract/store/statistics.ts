import { beforeEach, describe, expect, it } from 'vitest'
import type { EventType, NewEvent } from '../../../src/domain/event.ts'
import { newCall, newMessage, newModelCall, newRun, newSession, OWNER } from './samples.ts'
import type { Current } from './under-test.ts'

export function describeStatistics(current: Current): void {
  describe('statistics', () => {
    beforeEach(async () => {
      await current.unitOfWork.transact(async (tx) => {
        await tx.sessions.create(newSession('s1', { createdAt: 200 }))
        await tx.sessions.create(newSession('s2', { createdAt: 100 }))
        await tx.sessions.create(newSession('foreign', { ownerId: 'other' }))
      })
    })

    it('count switches, runs and errors of the owner, also of deleted sessions', async () => {
      const { unitOfWork } = current
      const switched = (from: string, to: string): NewEvent => ({
        type: 'agent.switched',
        facts: { from, to, reason: 'because', confidence: null, by: 'router', only: false },
      })
      const ended = (runId: string, code?: string): NewEvent => ({
        type: 'run.ended',
        runId,
        facts: code ? { outcome: 'failed', error: { code, text: '' } } : { outcome: 'completed' },
      })
      await unitOfWork.transact(async (tx) => {
        await tx.runs.create(newRun('s1', 'r1', { startedAt: 100 }))
        await tx.runs.create(newRun('s2', 'r2', { startedAt: 100 }))
        await tx.runs.create(newRun('s2', 'r3', { startedAt: 100, agent: 'ask' }))
        await tx.runs.create(newRun('foreign', 'r5', { startedAt: 100 }))
        await tx.log.append('s1', 350, [switched('orchestrator', 'coder'), ended('r1')])
        await tx.log.append('s2', 150, [switched('orchestrator', 'coder'), ended('r2', 'upstream_timeout')])
        await tx.log.append('s2', 110, [switched('coder', 'ask'), ended('r3')])
        await tx.log.append('foreign', 110, [switched('coder', 'ask'), ended('r5', 'internal')])
        await tx.sessions.remove('s2', 900)
      })
      await unitOfWork.read(async ({ statistics }) => {
        expect(await statistics.switches(OWNER)).toEqual([
          { from: 'coder', to: 'ask', count: 1 },
          { from: 'orchestrator', to: 'coder', count: 2 },
        ])
        expect(await statistics.agents(OWNER)).toEqual([
          { agent: 'ask', runs: 1, failed: 0, totalMs: 10 },
          { agent: 'coder', runs: 2, failed: 1, totalMs: 300 },
        ])
        expect(await statistics.errors(OWNER)).toEqual([{ agent: 'coder', code: 'upstream_timeout', count: 1 }])
        expect(await statistics.errors('nobody')).toEqual([])
      })
    })

    it('count what became of tool calls', async () => {
      const { unitOfWork } = current
      const ids = { callId: 'c', tool: 'write_file' }
      const asked = (requiresApproval: boolean): NewEvent => ({
        type: 'tool_call.created',
        facts: { ...ids, requiresApproval },
      })
      const decided = (decision: 'approve' | 'edit' | 'reject', by: string | null): NewEvent => ({
        type: 'approval.decided',
        facts: { ...ids, decision, implicit: false, by },
      })
      const answered = (failed: boolean, more: object = {}): NewEvent => ({
        type: 'tool_result.created',
        facts: { ...ids, messageId: 'm', failed, ...more },
      })
      await unitOfWork.transact(async (tx) => {
        await tx.log.append('s1', 1, [asked(true), decided('approve', null), answered(false)])
        await tx.log.append('s1', 2, [asked(true), decided('edit', 'ide'), answered(true)])
        // A person said no, and that is what the model was told.
        await tx.log.append('s1', 3, [asked(true), decided('reject', null), answered(false, { byDecision: true })])
        await tx.log.append('s1', 4, [asked(true)])
        await tx.log.append('s1', 5, [
          asked(true),
          decided('reject', 'system'),
          { type: 'tool_call.cancelled', facts: { ...ids, reason: 'superseded' } },
        ])
        const read: NewEvent = {
          type: 'tool_call.created',
          facts: { callId: 'f', tool: 'read_file', requiresApproval: false },
        }
        await tx.log.append('s1', 6, [read])
        await tx.log.append('foreign', 7, [read])
      })
      expect(await unitOfWork.read((tx) => tx.statistics.tools(OWNER))).toEqual([
        {
          tool: 'read_file',
          requested: 1,
          completed: 0,
          failed: 0,
          requiredApproval: 0,
          approved: 0,
          edited: 0,
          rejected: 0,
        },
        {
          tool: 'write_file',
          requested: 5,
          completed: 1,
          failed: 1,
          requiredApproval: 5,
          approved: 1,
          edited: 1,
          rejected: 1,
        },
      ])
    })

    it('name the sessions that have called a model to answer', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact(async (tx) => {
        await tx.sessions.create(newSession('s3', { createdAt: 50 }))
        await tx.sessions.create(newSession('s4', { createdAt: 50 }))
        await tx.modelCalls.add(newModelCall('s1', 'c1'))
        await tx.modelCalls.add(newModelCall('s2', 'c2'))
        await tx.modelCalls.add(newModelCall('s2', 'c3'))
        await tx.modelCalls.add(newModelCall('s3', 'c4', { purpose: 'classify' }))
        await tx.modelCalls.add(newModelCall('s4', 'c5'))
        await tx.modelCalls.add(newModelCall('foreign', 'c6'))
        await tx.sessions.remove('s4', 900)
      })
      expect(await unitOfWork.read((tx) => tx.statistics.sessionsWithModelCalls(OWNER))).toEqual(['ext-s2', 'ext-s1'])
    })

    it('count every event ever stored', async () => {
      const { unitOfWork } = current
      expect(await unitOfWork.read((tx) => tx.statistics.events())).toEqual({ total: 0, lastAt: null })
      const event: NewEvent = { type: 'session.renamed', facts: {} }
      await unitOfWork.transact((tx) => tx.log.append('s1', 700, [event, event]))
      await unitOfWork.transact((tx) => tx.log.append('s2', 800, [event]))
      expect(await unitOfWork.read((tx) => tx.statistics.events())).toEqual({ total: 3, lastAt: 800 })
    })

    it('give the audit: the newest of the types asked for, oldest first, with what they point at', async () => {
      const { unitOfWork } = current
      const ids = { callId: 'call_0', tool: 'write_file' }
      const result = { ...ids, messageId: 'm1' }
      const failure = { code: 'upstream_timeout', text: 'late' }
      const handover: NewEvent = {
        type: 'agent.switched',
        facts: { from: 'orchestrator', to: 'coder', reason: 'because', confidence: 'high', by: 'router', only: false },
        runId: 'r1',
      }
      await unitOfWork.transact(async (tx) => {
        await tx.runs.create(newRun('s1', 'r1', { agent: 'orchestrator' }))
        await tx.messages.append(newMessage('s1', 'm1', { role: 'tool' }))
        await tx.calls.create(newCall('s1', 'call_0'))
        await tx.log.append('s1', 100, [
          handover,
          { type: 'approval.requested', facts: { ...ids, reason: 'why' } },
          { type: 'approval.decided', facts: { ...ids, decision: 'approve', implicit: false, by: null } },
          { type: 'approval.decided', facts: { ...ids, decision: 'reject', implicit: false, by: 'system' } },
          { type: 'tool_result.created', facts: { ...result, failed: false } },
          { type: 'tool_result.created', facts: { ...result, failed: true, error: 'no such file' } },
          { type: 'run.ended', facts: { outcome: 'completed' } },
          { type: 'run.ended', facts: { outcome: 'failed', error: failure } },
          { type: 'turn.started', facts: { agent: 'coder' } },
        ])
        await tx.calls.create(newCall('s2', 'call_0', { tool: 'another' }))
        await tx.log.append('s2', 200, [handover, { type: 'approval.requested', facts: { ...ids, reason: null } }])
        await tx.log.append('foreign', 300, [handover])
        await tx.sessions.remove('s2', 900)
      })
      const types: EventType[] = [
        'run.ended',
        'agent.switched',
        'approval.decided',
        'approval.requested',
        'tool_result.created',
        'turn.started',
      ]
      const audit = (query: { sid?: string; types: EventType[]; limit: number }) =>
        unitOfWork.read((tx) => tx.statistics.audit({ ownerId: OWNER, ...query }))
      const keys = async (query: { sid?: string; types: EventType[]; limit: number }) =>
        (await audit(query)).map(({ event }) => `${event.sid}:${event.seq}`)

      expect(await keys({ types, limit: 100 })).toEqual(['s1:1', 's1:2', 's1:3', 's1:6', 's1:8', 's2:1', 's2:2'])
      expect(await keys({ types, limit: 2 })).toEqual(['s2:1', 's2:2'])
      expect(await keys({ types, limit: 2, sid: 's1' })).toEqual(['s1:6', 's1:8'])
      expect(await keys({ types: ['approval.decided'], limit: 9 })).toEqual(['s1:3'])
      expect(await keys({ types, limit: 9, sid: 'foreign' })).toEqual([])
      expect(await keys({ types: [], limit: 9 })).toEqual([])

      const [switched, requested, , failed, ended, , elsewhere] = await audit({ types, limit: 100 })
      expect(switched).toMatchObject({ externalId: 'ext-s1', agent: 'orchestrator', event: { ...handover, at: 100 } })
      expect(requested).toMatchObject({
        agent: null,
        event: { call: { sid: 's1', callId: 'call_0', argumentsJson: '{"path": "a.py"}' } },
      })
      expect(failed?.event).toMatchObject({ message: { id: 'm1' }, facts: { error: 'no such file' } })
      expect(elsewhere?.event).toMatchObject({ sid: 's2', call: { sid: 's2', tool: 'another' } })
      expect(ended?.event.facts).toEqual({ outcome: 'failed', error: failure })
    })
  })
}
