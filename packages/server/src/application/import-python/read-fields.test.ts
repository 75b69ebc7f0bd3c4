import { describe, expect, it } from 'vitest'
import { jsonOf, timeOf } from './read-fields.ts'

describe('timeOf', () => {
  it.each([
    ['2026-11-22T19:44:26.272542', '2026-11-22T19:44:26.272Z', false],
    ['2026-11-22 19:44:26', '2026-11-22T19:44:26.000Z', false],
    ['2026-11-22 19:44:26.2', '2026-11-22T19:44:26.200Z', false],
    ['2026-11-22T19:44:26Z', '2026-11-22T19:44:26.000Z', true],
    ['2026-11-22 19:44:26.272542+00', '2026-11-22T19:44:26.272Z', true],
    ['2026-11-22 19:44:26+03:30', '2026-11-22T16:14:26.000Z', true],
    ['2026-11-22 19:44:26-0800', '2026-11-23T03:44:26.000Z', true],
  ])('reads %s', (text, iso, hasZone) => {
    expect(timeOf(text)).toEqual({ ms: Date.parse(iso), hasZone })
  })

  it.each([null, '', 'soon', '2026-13-41 99:00:00', '1763840666'])('reads nothing of %s', (text) => {
    expect(timeOf(text)).toBeUndefined()
  })
})

describe('jsonOf', () => {
  it('reads a text, a text within a text, and what was read already', () => {
    expect([jsonOf('[1]'), jsonOf('"[1]"'), jsonOf([1]), jsonOf('{'), jsonOf(null)]).toEqual([
      [1],
      [1],
      [1],
      undefined,
      null,
    ])
  })
})
