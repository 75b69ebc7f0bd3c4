import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { newRun, newSession } from './samples.ts'
import type { Current } from './under-test.ts'

const minute = 60_000

export function describeReplicas(current: Current): void {
  describe('replicas', () => {
    beforeEach(async () => {
      await current.unitOfWork.transact(async (tx) => {
        for (const sid of ['s1', 's2', 's3']) await tx.sessions.create(newSession(sid))
      })
    })

    it('are alive until they have been silent for too long, by the clock of the store', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact((tx) => tx.replicas.enter('r1', 'one'))
      expect(await unitOfWork.transact((tx) => tx.replicas.beat('r1', minute))).toBe(true)
      expect(await unitOfWork.transact((tx) => tx.replicas.beat('unknown', minute))).toBe(false)
      const alive = async (id: string, silentMs: number) =>
        await unitOfWork.read((tx) => tx.replicas.isAlive(id, silentMs))
      expect([await alive('r1', minute), await alive('unknown', minute)]).toEqual([true, false])
      await sleep(20)
      expect(await alive('r1', 5)).toBe(false)
      expect(await unitOfWork.transact((tx) => tx.replicas.beat('r1', 5))).toBe(false)
      expect(await unitOfWork.transact((tx) => tx.replicas.beat('r1', minute))).toBe(true)
    })

    it('leave runs that nobody works on', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact(async (tx) => {
        await tx.replicas.enter('alive', 'one')
        for (const [sid, owner] of [
          ['s1', 'alive'],
          ['s2', 'gone'],
          ['s3', null],
        ] as const) {
          await tx.runs.create(newRun(sid, `run of ${sid}`))
          await tx.sessions.update(sid, { state: 'running', owner, fence: 7 })
        }
      })
      const orphaned = await unitOfWork.read((tx) => tx.replicas.orphanedRuns(minute, 10))
      const found = orphaned.map(({ run, owner, fence }) => [run.runId, owner, fence])
      expect(found.sort()).toEqual([
        ['run of s2', 'gone', 7],
        ['run of s3', null, 7],
      ])
      await unitOfWork.transact((tx) => tx.runs.end('run of s2', { at: 1, outcome: 'interrupted' }))
      expect(await unitOfWork.read((tx) => tx.replicas.orphanedRuns(minute, 10))).toHaveLength(1)
      await unitOfWork.transact((tx) => tx.replicas.leave('alive'))
      expect(await unitOfWork.read((tx) => tx.replicas.orphanedRuns(minute, 10))).toHaveLength(2)
    })

    it('leave inputs in line', async () => {
      const { unitOfWork } = current
      const input = {
        sid: 's1',
        kind: 'message',
        state: 'waiting',
        bodyJson: '{}',
        createdAt: 1,
        repeat: null,
      } as const
      await unitOfWork.transact(async (tx) => {
        await tx.replicas.enter('alive', 'one')
        for (const replica of ['alive', 'gone', null])
          await tx.inputs.add({ ...input, id: `of ${replica}`, run: null, replica })
      })
      const orphaned = await unitOfWork.read((tx) => tx.replicas.orphanedInputs(minute, 10))
      expect(orphaned.map(({ id }) => id)).toEqual(['of gone', 'of null'])
    })

    it('are forgotten', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact((tx) => tx.replicas.enter('r1', 'one'))
      await unitOfWork.transact((tx) => tx.replicas.forgetSilent(minute))
      expect(await unitOfWork.transact((tx) => tx.replicas.beat('r1', minute))).toBe(true)
      await sleep(20)
      await unitOfWork.transact((tx) => tx.replicas.forgetSilent(5))
      expect(await unitOfWork.transact((tx) => tx.replicas.beat('r1', minute))).toBe(false)
    })

    it('keep no draft of a run that has ended', async () => {
      const { unitOfWork } = current
      const draft = { messageId: 'm1', sid: 's1', runId: 'r1', agent: 'coder', text: 'half', at: 0 }
      await unitOfWork.transact(async (tx) => {
        await tx.runs.create(newRun('s1', 'r1'))
        await tx.drafts.put([draft])
      })
      const newest = () => unitOfWork.read((tx) => tx.drafts.newest([{ sid: 's1', messageId: '', length: 0 }]))
      expect(await newest()).toEqual([{ sid: 's1', messageId: 'm1', news: draft }])
      await unitOfWork.transact(async (tx) => {
        await tx.drafts.put([{ ...draft, at: 4, text: ' of it' }])
        await tx.runs.end('r1', { at: 1, outcome: 'interrupted' })
        expect(await tx.drafts.takeOfRun('r1')).toMatchObject([{ messageId: 'm1', text: 'half of it' }])
        await tx.drafts.put([draft])
      })
      expect(await newest()).toEqual([])
    })

    it('give a draft from where its reader is', async () => {
      const { unitOfWork } = current
      const put = (messageId: string, at: number, text: string) =>
        unitOfWork.transact((tx) => tx.drafts.put([{ messageId, sid: 's1', runId: 'r1', agent: 'coder', at, text }]))
      const read = (messageId: string, length: number) =>
        unitOfWork.read(async (tx) => {
          const drafts = await tx.drafts.newest([
            { sid: 's1', messageId, length },
            { sid: 's2', messageId: '', length: 0 },
          ])
          const [draft, other] = [drafts.find(({ sid }) => sid === 's1'), drafts.find(({ sid }) => sid === 's2')]
          expect(other?.news?.text).toBe('of another')
          return [draft?.messageId, draft?.news?.at, draft?.news?.text]
        })
      await unitOfWork.transact(async (tx) => {
        await tx.runs.create(newRun('s1', 'r1'))
        await tx.runs.create(newRun('s2', 'r2'))
        const other = { messageId: 'n1', sid: 's2', runId: 'r2', agent: 'coder', at: 0, text: 'of another' }
        await tx.drafts.put([other, { ...other, messageId: 'x', runId: 'unknown' }])
      })
      await put('m1', 0, 'one ')
      await put('m1', 4, 'two')
      // What was not known to be stored is stored again, with what came since.
      await put('m1', 4, 'two three')
      expect(await read('', 0)).toEqual(['m1', 0, 'one two three'])
      expect(await read('m1', 4)).toEqual(['m1', 4, 'two three'])
      expect(await read('m1', 13)).toEqual(['m1', undefined, undefined])
      // Somewhere in a piece: all of it again.
      await put('m1', 13, ' four')
      expect(await read('m1', 7)).toEqual(['m1', 0, 'one two three four'])
      await put('m2', 0, 'new')
      expect(await read('m1', 4)).toEqual(['m2', 0, 'new'])
    })

    it('know how far sessions are', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact(async (tx) => {
        await tx.log.append('s1', 1, [{ type: 'session.created', facts: {} }])
        await tx.sessions.update('s2', { owner: 'r1' })
        await tx.sessions.remove('s2', 5)
      })
      const heads = await unitOfWork.read((tx) => tx.sessions.heads(['s1', 's2', 'unknown']))
      expect(heads).toHaveLength(2)
      const rest = { fence: 0, stop: null }
      expect(heads).toContainEqual({ sid: 's1', lastSeq: 1, owner: null, deleted: false, ...rest })
      expect(heads).toContainEqual({ sid: 's2', lastSeq: 0, owner: 'r1', deleted: true, ...rest })
      const free = await unitOfWork.transact((tx) => tx.sessions.takeFree(['s1', 's2', 'unknown']))
      expect([...free].sort()).toEqual(['s1', 's2'])
    })
  })
}
