import { describe, expect, it } from 'vitest'
import type { StoredMessage } from '../../domain/session.ts'
import type { Transaction } from '../ports/store.ts'
import { Histories } from './histories.ts'

/** A session in a store that counts what is read of it. */
class Stored {
  readonly messages: StoredMessage[] = []
  read = 0
  readonly tx = {
    messages: {
      list: async (_sid: string, { offset }: { offset: number }) => {
        const found = this.messages.slice(offset)
        this.read += found.length
        return found
      },
    },
  } as unknown as Transaction

  constructor(count: number, text = 'text') {
    for (let n = 0; n < count; n++) this.add(text)
  }

  add(text: string): void {
    const position = this.messages.length + 1
    const parts = [{ type: 'text' as const, text }]
    const rest = {
      sid: 's',
      turnId: null,
      createdAt: 0,
      agent: null,
      status: 'complete' as const,
      role: 'user' as const,
    }
    this.messages.push({ id: `m${position}`, position, parts, ...rest })
  }

  session(fence: number, sid = 's') {
    return { sid, fence, messageCount: this.messages.length }
  }
}

describe('Histories', () => {
  it('read what is new, and give the same objects again', async () => {
    const histories = new Histories()
    const stored = new Stored(10)
    const first = await histories.read(stored.tx, stored.session(1), 0)
    stored.add('new')
    const second = await histories.read(stored.tx, stored.session(2), 0)
    expect(second).toEqual(stored.messages)
    expect(second[0]).toBe(first[0])
    expect(first).toHaveLength(10)
    expect(await histories.read(stored.tx, stored.session(2), 3)).toEqual(stored.messages.slice(3))
    expect(stored.read).toBe(11)
  })

  it('read all again when somebody else may have had the session', async () => {
    const histories = new Histories()
    const stored = new Stored(2)
    for (const fence of [1, 3, 2]) await histories.read(stored.tx, stored.session(fence), 0)
    expect(stored.read).toBe(6)
  })

  it('read all again when a message has changed, or an earlier one is asked for', async () => {
    const histories = new Histories()
    const stored = new Stored(4)
    await histories.read(stored.tx, stored.session(1), 2)
    await histories.read(stored.tx, stored.session(1), 0)
    expect(stored.read).toBe(6)
    histories.forget('s')
    await histories.read(stored.tx, stored.session(1), 0)
    expect(stored.read).toBe(10)
  })

  it('keep no more than their bound: the oldest leaves, and one that is too long is not kept', async () => {
    const histories = new Histories()
    const long = new Stored(1, 'x'.repeat(3 * 1024 * 1024))
    for (let n = 0; n < 8; n++) await histories.read(long.tx, long.session(1, `s${n}`), 0)
    expect(long.read).toBe(8)
    await histories.read(long.tx, long.session(1, 's7'), 0)
    expect(long.read).toBe(8)
    await histories.read(long.tx, long.session(1, 's0'), 0)
    expect(long.read).toBe(9)
    const tooLong = new Stored(3, 'x'.repeat(3 * 1024 * 1024))
    for (let n = 0; n < 2; n++) await histories.read(tooLong.tx, tooLong.session(1, 'long'), 0)
    expect(tooLong.read).toBe(6)
  })
})
