import { describe, expect, it } from 'vitest'
import type { ToolCallPart } from './message.ts'
import { type AnswerState, finalParts, nextStep, type PlannedCall, unrunCalls } from './turn.ts'

const part = (callId: string): ToolCallPart => ({ type: 'tool-call', callId, tool: 't', argumentsJson: '{}' })
const runtime: PlannedCall = { kind: 'runtime', part: part('f'), args: {} }
const client: PlannedCall = {
  kind: 'client',
  part: part('a'),
  argumentsJson: '{}',
  approval: undefined,
  ruling: undefined,
}
const handoff: PlannedCall = { kind: 'handoff', part: part('b'), to: 'coder', reason: 'r' }
const finish: PlannedCall = { kind: 'finish', part: part('c'), text: 'Done' }
const wrong: PlannedCall = {
  kind: 'invalid',
  part: part('d'),
  fault: { code: 'tool_arguments_invalid', text: 'wrong', refused: false },
}
const refused: PlannedCall = {
  kind: 'invalid',
  part: part('e'),
  fault: { code: 'tool_not_allowed', text: 'refused', refused: true },
}

function state(calls: readonly PlannedCall[], more: Partial<AnswerState> = {}): AnswerState {
  return { text: 'text', calls, faultyAnswers: 0, showsRefusals: false, ...more }
}

describe('nextStep', () => {
  it.each([
    ['no call ends the turn', state([]), { kind: 'end', text: 'text' }],
    ['a finishing call ends it with both texts', state([finish]), { kind: 'end', text: 'text\n\nDone' }],
    ['a finishing call without text', state([finish], { text: '' }), { kind: 'end', text: 'Done' }],
    ['calls go to the client', state([client, finish, wrong]), { kind: 'await-client', calls: [client] }],
    ['what the runtime answers is followed by a question', state([runtime, wrong]), { kind: 'go-on' }],
    ['or by the client', state([runtime, client]), { kind: 'await-client', calls: [client] }],
    ['a handoff runs alone', state([client, handoff, wrong]), { kind: 'handoff', call: handoff }],
    ['only faults: asked again', state([wrong]), { kind: 'ask-again', fault: wrong.fault }],
    ['the second time too', state([wrong], { faultyAnswers: 1 }), { kind: 'ask-again', fault: wrong.fault }],
    ['the third time it fails', state([wrong], { faultyAnswers: 2 }), { kind: 'fail', fault: wrong.fault }],
    ['a refusal is told to the model', state([refused]), { kind: 'ask-again', fault: refused.fault }],
    ['or shown at once', state([wrong, refused], { showsRefusals: true }), { kind: 'fail', fault: refused.fault }],
    ['a fault beside a finish', state([finish, wrong]), { kind: 'ask-again', fault: wrong.fault }],
  ])('%s', (_, given, expected) => {
    expect(nextStep(given)).toEqual(expected)
  })
})

describe('unrunCalls', () => {
  it('are all but the handoff, and all that the client does not run', () => {
    expect(unrunCalls([client, handoff], { kind: 'handoff', call: handoff })).toEqual([client])
    expect(unrunCalls([client, finish, wrong], { kind: 'await-client', calls: [client] })).toEqual([finish, wrong])
    expect(unrunCalls([runtime, wrong], { kind: 'go-on' })).toEqual([wrong])
    expect(unrunCalls([runtime, handoff], { kind: 'handoff', call: handoff })).toEqual([runtime])
    expect(unrunCalls([finish], { kind: 'end', text: '' })).toEqual([])
  })
})

describe('finalParts', () => {
  it('turns calls into text and keeps what a provider needs', () => {
    const reasoning = { type: 'reasoning' as const, text: 'hm' }
    expect(finalParts([reasoning, { type: 'text', text: 'a' }, part('c')], 'a\n\nDone')).toEqual([
      reasoning,
      { type: 'text', text: 'a\n\nDone' },
    ])
    const plain = [{ type: 'text' as const, text: 'a' }]
    expect(finalParts(plain, 'a')).toBe(plain)
  })
})
