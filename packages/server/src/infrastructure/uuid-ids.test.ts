import { version } from 'uuid'
import { expect, it } from 'vitest'
import { nextOf } from './uuid-ids.ts'

it('makes ids in order, within one millisecond and when the clock goes back', () => {
  let now = 1_800_000_000_000
  const next = nextOf(() => now)
  const ids = Array.from({ length: 10_000 }, () => next())
  now -= 60_000
  ids.push(next(), next())
  now += 120_000
  ids.push(next())
  expect(ids).toEqual(ids.toSorted())
  expect(new Set(ids).size).toBe(ids.length)
  for (const id of ids.slice(-3)) expect(version(id)).toBe(7)
  expect(Number.parseInt(ids.at(-1)?.replaceAll('-', '').slice(0, 12) ?? '', 16)).toBe(now)
})
