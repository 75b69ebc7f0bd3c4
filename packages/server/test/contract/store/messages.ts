import { describe, expect, it } from 'vitest'
import type { Part } from '../../../src/domain/message.ts'
import { newMessage, newSession } from './samples.ts'
import type { Current } from './under-test.ts'

/** Key order, numbers beyond 2^53, escapes, spacing: what a parse and a print would lose. */
const BYTES = '{"b":1,"a":12345678901234567890,"z":{"2":1,"10":1e2},"s":"\\u00e9\\/ \\ud83d\\ude00","n":1.0}'
const opaque = { provider: 'anthropic', family: 'claude', json: BYTES }

const parts: readonly Part[] = [
  { type: 'reasoning', text: 'thinking …', opaque },
  { type: 'reasoning', text: '' },
  { type: 'text', text: 'Привет 😀 "quoted" \n\t end', opaque },
  { type: 'text', text: 'lone half \ud83d, line \u2028 ends, zero \u0000' },
  { type: 'tool-call', callId: 'call_1', tool: 'write_file', argumentsJson: ` ${BYTES}\n`, opaque },
]

export function describeMessages(current: Current): void {
  describe('messages', () => {
    it('are numbered without a gap in each session, however they are mixed', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact(async (tx) => {
        await tx.sessions.create(newSession('s1'))
        await tx.sessions.create(newSession('s2'))
      })
      const append = (sid: string, id: string) => unitOfWork.transact((tx) => tx.messages.append(newMessage(sid, id)))
      const appended = await Promise.all([append('s1', 'a'), append('s2', 'b'), append('s1', 'c'), append('s2', 'd')])
      expect(appended.map((message) => message.position)).toEqual([1, 1, 2, 2])
      await unitOfWork
        .transact(async (tx) => {
          await tx.messages.append(newMessage('s1', 'e'))
          throw new Error('no')
        })
        .catch(() => {})
      expect((await append('s1', 'f')).position).toBe(3)
      const listed = await unitOfWork.read((tx) => tx.messages.list('s1'))
      expect(listed.map((message) => [message.position, message.id])).toEqual([
        [1, 'a'],
        [2, 'c'],
        [3, 'f'],
      ])
    })

    it('move the count and the activity of their session, which never runs backwards', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact(async (tx) => {
        await tx.sessions.create(newSession('s1', { createdAt: 1_000 }))
        await tx.messages.append(newMessage('s1', 'a', { createdAt: 5_000 }))
        await tx.messages.append(newMessage('s1', 'b', { createdAt: 4_000 }))
      })
      expect(await unitOfWork.read((tx) => tx.sessions.get('s1'))).toMatchObject({
        messageCount: 2,
        lastActivity: 5_000,
      })
    })

    it('come back as they were, every part byte for byte', async () => {
      const { unitOfWork } = current
      const answer = newMessage('s1', 'm1', { role: 'assistant', agent: 'coder', status: 'interrupted', parts })
      const result = newMessage('s1', 'm2', {
        role: 'tool',
        turnId: null,
        parts: [{ type: 'tool-result', callId: 'call_1', tool: 'write_file', text: BYTES }],
      })
      await unitOfWork.transact(async (tx) => {
        await tx.sessions.create(newSession('s1'))
        await tx.messages.append(answer)
        await tx.messages.append(result)
      })
      const again = await current.reopen()
      expect(await again.read((tx) => tx.messages.list('s1'))).toEqual([
        { ...answer, position: 1 },
        { ...result, position: 2 },
      ])
    })

    it('are read in pages and by their ids, oldest first', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact(async (tx) => {
        await tx.sessions.create(newSession('s1'))
        await tx.sessions.create(newSession('s2'))
        for (const id of ['a', 'b', 'c', 'd']) await tx.messages.append(newMessage('s1', id))
        await tx.messages.append(newMessage('s2', 'x'))
      })
      const ids = (messages: readonly { readonly id: string }[]) => messages.map((message) => message.id)
      await unitOfWork.read(async (tx) => {
        expect(ids(await tx.messages.list('s1', { limit: 2, offset: 1 }))).toEqual(['b', 'c'])
        expect(ids(await tx.messages.list('s1', { limit: 2, offset: 4 }))).toEqual([])
        expect(ids(await tx.messages.listByIds('s1', ['d', 'x', 'a', 'unknown']))).toEqual(['a', 'd'])
        expect(await tx.messages.listByIds('s1', [])).toEqual([])
        expect(await tx.messages.list('s3')).toEqual([])
      })
    })

    it('give the text of the newest user message', async () => {
      const { unitOfWork } = current
      await unitOfWork.transact(async (tx) => {
        await tx.sessions.create(newSession('s1'))
        await tx.messages.append(newMessage('s1', 'a'))
        expect(await tx.messages.lastUserText('s1')).toBe('text of a')
        const two = [
          { type: 'text' as const, text: 'one ' },
          { type: 'text' as const, text: 'two' },
        ]
        await tx.messages.append(newMessage('s1', 'b', { parts: two }))
        await tx.messages.append(newMessage('s1', 'c', { role: 'assistant' }))
        expect(await tx.messages.lastUserText('s1')).toBe('one two')
        expect(await tx.messages.lastUserText('s2')).toBeUndefined()
      })
    })

    it('have their result replaced, in the tool message of that session only', async () => {
      const { unitOfWork } = current
      const part = { type: 'tool-result' as const, callId: 'call_1', tool: 'read_file', text: 'approved' }
      await unitOfWork.transact(async (tx) => {
        await tx.sessions.create(newSession('s1'))
        await tx.sessions.create(newSession('s2'))
        await tx.messages.append(newMessage('s1', 'user'))
        await tx.messages.append(newMessage('s1', 'result', { role: 'tool', parts: [part] }))
      })
      const replace = (sid: string, id: string) =>
        unitOfWork.transact((tx) => tx.messages.replaceResult(sid, id, { ...part, text: 'real' }))
      await replace('s1', 'result')
      await expect(replace('s2', 'result')).rejects.toMatchObject({ code: 'internal' })
      await expect(replace('s1', 'user')).rejects.toMatchObject({ code: 'internal' })
      const [user, result] = await unitOfWork.read((tx) => tx.messages.list('s1'))
      expect(user?.parts).toEqual([{ type: 'text', text: 'text of user' }])
      expect(result?.parts).toEqual([{ ...part, text: 'real' }])
    })

    it('need a session', async () => {
      const work = current.unitOfWork.transact((tx) => tx.messages.append(newMessage('nowhere', 'a')))
      await expect(work).rejects.toMatchObject({ code: 'internal' })
    })
  })
}
