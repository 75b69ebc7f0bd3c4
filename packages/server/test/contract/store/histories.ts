import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Transaction, UnitOfWork } from '../../../src/application/ports/store.ts'
import { newMessage, newSession } from './samples.ts'
import type { StoreUnderTest } from './under-test.ts'

const SESSIONS = ['s1', 's2', 's3'] as const

/** What a unit does, in order, and whether it then fails. */
interface Unit {
  readonly steps: readonly { readonly sid: (typeof SESSIONS)[number]; readonly events: number; readonly text: string }[]
  readonly fails: boolean
}

const unit: fc.Arbitrary<Unit> = fc.record({
  steps: fc.array(
    fc.record({
      sid: fc.constantFrom(...SESSIONS),
      events: fc.integer({ min: 0, max: 4 }),
      text: fc.string({ unit: 'grapheme' }),
    }),
    { maxLength: 4 },
  ),
  fails: fc.boolean(),
})

async function carryOut(tx: Transaction, { steps, fails }: Unit, id: string): Promise<void> {
  for (const [index, { sid, events, text }] of steps.entries()) {
    const messageId = `${id}-${index}`
    await tx.messages.append(newMessage(sid, messageId, { parts: [{ type: 'text', text }] }))
    const event = { type: 'message.created' as const, facts: { messageId, role: 'user' as const } }
    await tx.log.append(sid, 700, Array(events).fill(event))
  }
  if (fails) throw new Error('meant to fail')
}

async function everything(unitOfWork: UnitOfWork) {
  return unitOfWork.read(async (tx) => {
    const sessions = []
    for (const sid of SESSIONS) {
      sessions.push({
        session: await tx.sessions.get(sid),
        messages: await tx.messages.list(sid),
        events: await tx.log.readAfter(sid, 0, 1000),
      })
    }
    return sessions
  })
}

function counted(length: number): number[] {
  return Array.from({ length }, (_, index) => index + 1)
}

/** Random histories: whatever is appended, mixed and rolled back, numbers have no gap, and what is read is what was kept. */
export function describeHistories(make: () => Promise<StoreUnderTest>): void {
  describe('histories', () => {
    it('give numbers without a gap, and the same state when opened again', async () => {
      const history = fc.asyncProperty(fc.array(unit, { maxLength: 8 }), async (units) => {
        const store = await make()
        try {
          await store.unitOfWork.transact(async (tx) => {
            for (const sid of SESSIONS) await tx.sessions.create(newSession(sid))
          })
          const carriedOut = units.map(
            (one, index) => () => store.unitOfWork.transact((tx) => carryOut(tx, one, `u${index}`)),
          )
          if (store.inOrder) await Promise.allSettled(carriedOut.map((start) => start()))
          else for (const start of carriedOut) await start().catch(() => {})
          const before = await everything(store.unitOfWork)
          const kept = units.filter((one) => !one.fails).flatMap((one) => one.steps)
          for (const [index, sid] of SESSIONS.entries()) {
            const mine = kept.filter((step) => step.sid === sid)
            const { session, messages = [], events = [] } = before[index] ?? {}
            expect(messages.map((message) => message.position)).toEqual(counted(mine.length))
            expect(messages.map((message) => message.parts)).toEqual(mine.map(({ text }) => [{ type: 'text', text }]))
            expect(events.map((event) => event.seq)).toEqual(counted(mine.reduce((sum, { events }) => sum + events, 0)))
            expect(session).toMatchObject({ messageCount: messages.length, lastSeq: events.length })
          }
          expect(await everything(await store.reopen())).toEqual(before)
        } finally {
          await store.dispose()
        }
      })
      await fc.assert(history, { numRuns: 25 })
    })
  })
}
