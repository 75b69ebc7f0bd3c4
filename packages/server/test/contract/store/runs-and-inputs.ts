import { beforeEach, describe, expect, it } from 'vitest'
import type { Input } from '../../../src/application/ports/store.ts'
import { newModelCall, newRun, newSession } from './samples.ts'
import type { Current } from './under-test.ts'

function newInput(sid: string, id: string, differing: Partial<Input> = {}): Input {
  return {
    id,
    sid,
    kind: 'message',
    state: 'waiting',
    bodyJson: '{"b":1,"a":2}',
    createdAt: 100,
    repeat: null,
    run: null,
    replica: null,
    ...differing,
  }
}

export function describeRunsAndInputs(current: Current): void {
  describe('turns, runs, model calls, switches and inputs', () => {
    beforeEach(async () => {
      await current.unitOfWork.transact(async (tx) => {
        await tx.sessions.create(newSession('s1'))
        await tx.sessions.create(newSession('s2'))
      })
    })

    it('keep a turn with the client that it was bound to', async () => {
      const client = {
        id: 'ide-1',
        name: 'CodeLab IDE',
        version: null,
        features: ['deltas'],
        tools: ['read_file'],
        limits: { resultBytes: 65_536 },
        context: { cwd: '/work', nested: { list: [1, null] } },
      }
      const { unitOfWork } = current
      await unitOfWork.transact(async (tx) => {
        await tx.turns.create({ turnId: 't1', sid: 's1', startedAt: 100, client })
        await tx.turns.create({ turnId: 't2', sid: 's1', startedAt: 100, client: null })
        await tx.turns.create({ turnId: 't3', sid: 's2', startedAt: 100, client: null })
        await tx.turns.addStep('t1')
        await tx.turns.addStep('t1')
        const tokens = { inputTokens: 1_000, cachedTokens: 900, outputTokens: 30 }
        await tx.modelCalls.add(newModelCall('s1', 'x1', { ...tokens, turnId: 't1' }))
        await tx.modelCalls.add(newModelCall('s1', 'x2', { ...tokens, turnId: 't1', purpose: 'classify' }))
        await tx.turns.setState('t1', 'completed', 900)
      })
      const again = await current.reopen()
      await again.read(async (tx) => {
        expect(await tx.turns.get('t1')).toEqual({
          turnId: 't1',
          sid: 's1',
          state: 'completed',
          startedAt: 100,
          endedAt: 900,
          steps: 2,
          tokens: 260,
          client,
        })
        expect(await tx.turns.latest('s1')).toMatchObject({
          turnId: 't2',
          state: 'running',
          endedAt: null,
          client: null,
        })
        expect(await tx.turns.latest('s3')).toBeUndefined()
        expect(await tx.turns.get('t4')).toBeUndefined()
      })
      await expect(again.transact((tx) => tx.turns.addStep('t4'))).rejects.toMatchObject({ code: 'internal' })
    })

    it('end a run once', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact(async (tx) => {
        await tx.runs.create(newRun('s1', 'r1'))
        await tx.runs.create(newRun('s2', 'r2'))
        await tx.runs.end('r1', { at: 500, outcome: 'failed', errorCode: 'upstream_timeout', errorText: 'late' })
        await tx.runs.end('r1', { at: 900, outcome: 'completed' })
      })
      const [first, second] = await unitOfWork.read(async (tx) => [await tx.runs.get('r1'), await tx.runs.get('r2')])
      expect(first).toMatchObject({ endedAt: 500, outcome: 'failed', errorCode: 'upstream_timeout', errorText: 'late' })
      const unended = { endedAt: null, outcome: null, errorCode: null, errorText: null, handedOver: 0 }
      expect(second).toEqual({ ...newRun('s2', 'r2'), ...unended })
    })

    it('give the newest model calls, oldest first', async () => {
      const { unitOfWork } = current
      const failed = newModelCall('s1', 'c4', {
        cost: null,
        firstTokenMs: null,
        finish: null,
        errorCode: 'upstream_timeout',
        errorText: 'late',
        answeredBy: 'backup',
      })
      await unitOfWork.transact(async (tx) => {
        await tx.modelCalls.add(newModelCall('s1', 'c1'))
        await tx.modelCalls.add(newModelCall('s1', 'c2', { purpose: 'classify' }))
        await tx.modelCalls.add(newModelCall('s1', 'c3'))
        await tx.modelCalls.add(failed)
        await tx.modelCalls.add(newModelCall('s2', 'c5'))
      })
      const calls = await unitOfWork.read((tx) => tx.modelCalls.list('s1', 'answer', 2))
      expect(calls).toEqual([newModelCall('s1', 'c3'), failed])
    })

    it('add up what a session used, by model', async () => {
      const { unitOfWork } = current
      const fast = { alias: 'fast', provider: 'openai-compatible', model: 'mini', insteadOf: 'demo' }
      await unitOfWork.transact(async (tx) => {
        await tx.modelCalls.add(newModelCall('s1', 'c1'))
        await tx.modelCalls.add(newModelCall('s1', 'c2', { purpose: 'classify', cost: 0.5 }))
        await tx.modelCalls.add(newModelCall('s1', 'c3', fast))
        await tx.modelCalls.add(newModelCall('s1', 'c4', { ...fast, cost: null }))
        await tx.modelCalls.add(newModelCall('s2', 'c5'))
      })
      const tokens = { inputTokens: 2_400, cachedTokens: 2_000, outputTokens: 60, reasoningTokens: 8 }
      expect(await unitOfWork.read((tx) => tx.modelCalls.usage('s1'))).toEqual([
        { alias: 'demo', provider: 'demo', model: 'demo-1', calls: 2, ...tokens, cost: 0.5125 },
        { alias: 'fast', provider: 'openai-compatible', model: 'mini', calls: 2, ...tokens, cost: null },
      ])
      expect(await unitOfWork.read((tx) => tx.modelCalls.usage('s3'))).toEqual([])
    })

    it('keep the order of switches', async () => {
      const { unitOfWork } = current
      const first = { from: 'orchestrator', to: 'coder', reason: 'because', confidence: 'high', at: 50 }
      const second = { from: 'coder', to: 'ask', reason: 'asked for', confidence: null, at: 40 }
      await unitOfWork.transact(async (tx) => {
        await tx.switches.add('s1', first)
        await tx.switches.add('s1', second)
      })
      expect(await unitOfWork.read((tx) => tx.switches.list('s1'))).toEqual([first, second])
      expect(await unitOfWork.read((tx) => tx.switches.list('s2'))).toEqual([])
    })

    it('take the input that waits longest, once', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact(async (tx) => {
        await tx.inputs.add(newInput('s1', 'z'))
        await tx.inputs.add(newInput('s1', 'taken', { state: 'taken' }))
        await tx.inputs.add(newInput('s2', 'y', { kind: 'switch' }))
        await tx.inputs.add(newInput('s1', 'a'))
      })
      await unitOfWork.transact(async (tx) => {
        expect(await tx.inputs.countWaiting('s1')).toBe(2)
        expect(await tx.inputs.firstWaiting('s1')).toEqual(newInput('s1', 'z'))
      })
      const settle = () => unitOfWork.transact((tx) => tx.inputs.settle('z', 'taken'))
      expect((await Promise.all([settle(), settle()])).sort()).toEqual([false, true])
      await unitOfWork.transact(async (tx) => {
        expect((await tx.inputs.firstWaiting('s1'))?.id).toBe('a')
        expect(await tx.inputs.settle('a', 'dropped')).toBe(true)
        expect(await tx.inputs.firstWaiting('s1')).toBeUndefined()
        expect(await tx.inputs.countWaiting('s1')).toBe(0)
        expect(await tx.inputs.settle('nowhere', 'taken')).toBe(false)
      })
    })
  })
}
