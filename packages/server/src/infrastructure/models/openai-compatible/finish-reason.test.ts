import { describe, expect, it } from 'vitest'
import { readFinishReason } from './finish-reason.ts'

describe('readFinishReason', () => {
  it.each([
    ['stop', 'stop'],
    ['tool_calls', 'tool-calls'],
    ['function_call', 'tool-calls'],
    ['length', 'length'],
    ['content_filter', 'content-filter'],
    ['something_new', 'other'],
    ['constructor', 'other'],
    [null, undefined],
    ['', undefined],
  ])('%j is %j', (value, expected) => {
    expect(readFinishReason(value)).toBe(expected)
  })
})
