import { expect, it } from 'vitest'
import { dayOf, dayText, readDay } from './usage.ts'

it('a day is that of UTC, before and after midnight', () => {
  expect(dayText(dayOf(Date.parse('2026-01-18T23:59:59.999Z')))).toBe('2026-01-18')
  expect(dayText(dayOf(Date.parse('2026-01-19T00:00:00Z')))).toBe('2026-01-19')
  expect(readDay('2024-02-29')).toBe(dayOf(Date.parse('2024-02-29T12:00:00Z')))
})

it.each(['2026-02-30', '2026-1-1', 'today', '', '2026-01-18T00:00:00Z'])('%s is no day', (text) => {
  expect(readDay(text)).toBeUndefined()
})
