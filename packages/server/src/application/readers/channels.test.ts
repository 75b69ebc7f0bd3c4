import { expect, test } from 'vitest'
import type { SessionEvent } from '../../domain/event.ts'
import { Channel } from './channels.ts'

const event = (seq: number): SessionEvent => ({
  type: 'session.renamed',
  facts: {},
  sid: 's',
  seq,
  at: 0,
})

const numbers = (events: readonly SessionEvent[] | undefined) => events?.map(({ seq }) => seq)

test('events that are told in the other order are given in theirs', () => {
  const channel = new Channel('s')
  channel.publish([event(4)])
  channel.publish([event(2), event(3)])
  expect(numbers(channel.after(1))).toEqual([2, 3, 4])
  expect(numbers(channel.after(3))).toEqual([4])
  expect(channel.after(0)).toBeUndefined()
})

test('nothing is given across a gap: the store is asked', () => {
  const channel = new Channel('s')
  channel.publish([event(1)])
  channel.publish([event(3)])
  expect(channel.after(1)).toBeUndefined()
  expect(numbers(channel.after(2))).toEqual([3])
  channel.publish([event(2)])
  expect(numbers(channel.after(1))).toEqual([2, 3])
  expect(channel.lastSeq).toBe(3)
})
