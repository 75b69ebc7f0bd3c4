import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { refusedBecause } from '../../../test/strict-provider.ts'
import { estimateRequest, fitHistory, type HistoryCut, wholeHistory } from '../../domain/history-cut.ts'
import type { Part } from '../../domain/message.ts'
import type { StoredMessage } from '../../domain/session.ts'
import { buildHistory } from './request.ts'

/** Turns as a session stores them: a message, answers with calls and their results in any order, steering messages, a last answer. */
const turn = fc.record({
  ask: fc.nat(400),
  steps: fc.array(
    fc.record({
      results: fc.array(fc.nat(3_000), { minLength: 1, maxLength: 3 }),
      steers: fc.boolean(),
      flips: fc.boolean(),
    }),
    { maxLength: 4 },
  ),
  answer: fc.nat(600),
})

type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never

function store(turns: readonly Turn[]): StoredMessage[] {
  const stored: StoredMessage[] = []
  turns.forEach(({ ask, steps, answer }, number) => {
    const add = (role: StoredMessage['role'], ...parts: readonly Part[]) => {
      const position = stored.length + 1
      const row = {
        id: `m${position}`,
        sid: 's',
        turnId: `t${number}`,
        createdAt: 0,
        agent: null,
        status: 'complete' as const,
      }
      stored.push({ ...row, position, role, parts })
    }
    add('user', { type: 'text', text: 'u'.repeat(ask + 1) })
    steps.forEach(({ results, steers, flips }, step) => {
      const ids = results.map((_, index) => `c${number}-${step}-${index}`)
      add(
        'assistant',
        ...ids.map((callId) => ({
          type: 'tool-call' as const,
          callId,
          tool: 'read_file',
          argumentsJson: `{"path":"${callId}"}`,
        })),
      )
      const rows = ids.map((callId, index) => ({
        type: 'tool-result' as const,
        callId,
        tool: 'read_file',
        text: 'r'.repeat(results[index] ?? 0),
      }))
      for (const part of flips ? rows.toReversed() : rows) add('tool', part)
      if (steers) add('user', { type: 'text', text: 'steer' })
    })
    add('assistant', { type: 'text', text: 'a'.repeat(answer + 1) })
  })
  return stored
}

const from = (stored: readonly StoredMessage[], cut: HistoryCut) =>
  stored.filter(({ position }) => position >= cut.droppedBefore)

describe('a history that is too long', () => {
  it('keeps every call with its one result, begins with a message of the person, and never leaves out less than before', () => {
    fc.assert(
      fc.property(
        fc.array(turn, { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 50, max: 8_000 }),
        (turns, limit) => {
          const all = store(turns)
          let cut = wholeHistory
          for (let length = 1; length <= all.length; length++) {
            const stored = all.slice(0, length)
            // A model is asked only when every call has its result.
            if (buildHistory(stored).repairs > 0 || stored.at(-1)?.role === 'assistant') continue
            const next = fitHistory({ messages: from(stored, cut), cut, headTokens: 10, scale: 1, limit })
            if (next) {
              expect(next.referencedBefore).toBeGreaterThanOrEqual(cut.referencedBefore)
              expect(next.droppedBefore).toBeGreaterThanOrEqual(cut.droppedBefore)
              cut = next
            }
            const { messages, repairs } = buildHistory(from(stored, cut), { cut, artifacts: true })
            expect(repairs).toBe(0)
            expect(refusedBecause(messages)).toBeUndefined()
            expect(messages[0]?.role).toBe('user')
            expect(
              messages.some(({ parts }) => parts.some((part) => 'text' in part && part.text === textOf(stored))),
            ).toBe(true)
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  it('is left alone up to 80 %, then gets old results as references, then loses old turns', () => {
    const long = { ask: 10, steps: [{ results: [3_500], steers: false, flips: false }], answer: 10 }
    const stored = store([long, long, long]).slice(0, -1)
    const whole = estimateRequest({ messages: stored, cut: wholeHistory, headTokens: 0 })
    const fit = (limit: number) => fitHistory({ messages: stored, cut: wholeHistory, headTokens: 0, scale: 1, limit })
    expect(fit(Math.ceil(whole / 0.8))).toBeUndefined()
    expect(fit(Math.floor(whole / 0.81))).toEqual({ referencedBefore: 4, droppedBefore: 0 })
    expect(fit(1_600)).toEqual({ referencedBefore: 8, droppedBefore: 0 })
    expect(fit(900)).toEqual({ referencedBefore: 8, droppedBefore: 9 })
    expect(fit(10)).toEqual({ referencedBefore: 8, droppedBefore: 9 })
  })

  it('says what is left out and how to have it again', () => {
    const stored = store([{ ask: 1, steps: [{ results: [500], steers: false, flips: false }], answer: 1 }])
    const texts = (artifacts: boolean) =>
      buildHistory(stored, { cut: { referencedBefore: 4, droppedBefore: 0 }, artifacts }).messages.flatMap((message) =>
        message.role === 'tool' ? [message.parts[0].text] : [],
      )
    expect(texts(true)).toEqual([
      '[The result of read_file, 500 characters, is left out to save room. To read it again: read_artifact {"call_id": "c0-0-0"}.]',
    ])
    expect(texts(false)[0]).toContain('Call it again if you need it.')
  })
})

function textOf(stored: readonly StoredMessage[]): string {
  const part = stored.findLast(({ role }) => role === 'user')?.parts[0]
  return part?.type === 'text' ? part.text : ''
}
