import { describe, expect, it } from 'vitest'
import type { ModelEvent } from '../../src/application/ports/language-model.ts'
import type { Part } from '../../src/domain/message.ts'
import { says } from '../fakes/scripted-model.ts'
import { owner, TestApplication } from './start-application.ts'

const ref = { ownerId: owner, sessionId: 's1' }
const never = () => ({ left: new AbortController().signal, closing: new AbortController().signal })
type Follow = Awaited<ReturnType<TestApplication['application']['followEvents']>>
type Frame = Awaited<ReturnType<Follow['frames']['next']>>['value']

async function read(frames: Follow['frames'], last: (frame: Frame) => boolean): Promise<Frame[]> {
  const seen: Frame[] = []
  for (;;) {
    const { value, done } = await frames.next()
    if (done) return seen
    seen.push(value)
    if (last(value)) return seen
  }
}

const isEnd = (frame: Frame) => frame?.kind === 'event' && frame.event.type === 'turn.ended'

/** The text of answers as this reader has it: deltas joined, replaced by the message when it comes. */
function textOf(frames: readonly Frame[]): string {
  let text = ''
  for (const frame of frames) {
    if (frame?.kind === 'delta') text = text.slice(0, frame.offset) + frame.text
    if (frame?.kind === 'reset') text = frame.text
    if (frame?.kind !== 'event' || frame.event.type !== 'message.created') continue
    const { message } = frame.event
    if (message?.role === 'assistant')
      text = message.parts.map((part: Part) => (part.type === 'text' ? part.text : '')).join('')
  }
  return text
}

async function asking(app: TestApplication): Promise<void> {
  await app.send({ kind: 'switch', agent: 'ask', content: '' })
}

describe('a reader of a session', () => {
  it('has the whole log from the beginning, gapless, with what the events point at', async () => {
    await using app = await TestApplication.start()
    await asking(app)
    app.model.push(says('hello ', 'there'))
    await app.message('hi')
    const { now, frames } = await app.application.followEvents(ref, { seq: 0 }, never())
    const seen = await read(frames, (frame) => frame?.kind === 'event' && frame.event.seq === now.lastSeq)
    const numbers = seen.map((frame) => (frame?.kind === 'event' ? frame.event.seq : 0))
    expect(numbers).toEqual(Array.from({ length: now.lastSeq }, (_, i) => i + 1))
    expect(textOf(seen)).toBe('hello there')
  })

  it('leaves in the middle of an answer and goes on there, with the same text as one that stayed', async () => {
    await using app = await TestApplication.start()
    await asking(app)
    const first = Promise.withResolvers<void>()
    const second = Promise.withResolvers<void>()
    const delta = (text: string): ModelEvent => ({ type: 'text-delta', text })
    app.model.push([delta('one '), first.promise, delta('two '), second.promise, ...says('three')])
    const stays = await app.application.followEvents(ref, undefined, never())
    const running = app.message('count')
    const leaves = await app.application.followEvents(ref, { seq: 0 }, never())
    const before = await read(leaves.frames, (frame) => frame?.kind === 'delta')
    await leaves.frames.return(undefined)
    const last = before.at(-1)
    expect(last).toMatchObject({ kind: 'delta', offset: 0, text: 'one ' })
    if (last?.kind !== 'delta') return
    first.resolve()
    const from = { seq: last.seq, messageId: last.messageId, offset: last.offset + last.text.length }
    const back = await app.application.followEvents(ref, from, never())
    const next = await read(back.frames, (frame) => frame?.kind === 'delta')
    expect(next.at(-1)).toMatchObject({ kind: 'delta', offset: 4, text: 'two ' })
    second.resolve()
    const after = await read(back.frames, isEnd)
    expect(textOf([...before, ...next, ...after])).toBe('one two three')
    expect(textOf(await read(stays.frames, isEnd))).toBe('one two three')
    await running
  })

  it('that has more of a message than there is gets it anew', async () => {
    await using app = await TestApplication.start()
    await asking(app)
    const { promise, resolve } = Promise.withResolvers<void>()
    app.model.push([{ type: 'text-delta', text: 'short' }, promise, ...says('')])
    const running = app.message('go')
    const first = await app.application.followEvents(ref, { seq: 0 }, never())
    const delta = (await read(first.frames, (frame) => frame?.kind === 'delta')).at(-1)
    if (delta?.kind !== 'delta') throw new Error('no delta')
    const from = { seq: delta.seq, messageId: delta.messageId, offset: 100 }
    const { frames } = await app.application.followEvents(ref, from, never())
    expect((await frames.next()).value).toMatchObject({ kind: 'reset', text: 'short' })
    resolve()
    await running
  })

  it('ends when the session is deleted, and an unknown session has none', async () => {
    await using app = await TestApplication.start()
    await asking(app)
    const { frames } = await app.application.followEvents(ref, undefined, never())
    const reading = read(frames, () => false)
    await app.application.commands.deleteSession(ref)
    const seen = await reading
    expect(seen.at(-1)).toMatchObject({ kind: 'event', event: { type: 'session.deleted' } })
    await expect(app.application.followEvents(ref, undefined, never())).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})
