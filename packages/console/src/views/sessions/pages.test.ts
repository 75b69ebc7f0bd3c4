import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ListItem } from './list-item.ts'
import { longer, type Pages, refreshed, unique } from './pages.ts'

const size = 5
const item = (id: number) => ({ id: String(id) }) as ListItem

test('whatever becomes active while pages are read, no session is left out', () => {
  const steps = fc.array(fc.oneof(fc.constant('more'), fc.constant('new'), fc.nat({ max: 19 })), { maxLength: 40 })
  fc.assert(
    fc.property(steps, (actions) => {
      let list = Array.from({ length: 20 }, (_, id) => item(id))
      const page = (offset: number) => ({ sessions: list.slice(offset, offset + size), total: list.length })
      let pages: Pages | undefined = refreshed(undefined, [], page(0))
      const refresh = () => {
        pages = refreshed(pages, [], page(0))
      }
      for (const action of actions) {
        if (action === 'more') pages = longer(pages, page(pages?.read ?? 0).sessions)
        else if (action === 'new') list = [item(100 + list.length), ...list]
        else {
          const moved = list[action]
          if (moved) list = [moved, ...list.filter((other) => other !== moved)]
        }
        refresh()
      }
      while (pages && pages.read < pages.total) pages = longer(pages, page(pages.read).sessions)
      const shown = unique([...(pages?.first ?? []), ...(pages?.older ?? [])])
      expect(shown.map(({ id }) => id).toSorted()).toEqual(list.map(({ id }) => id).toSorted())
    }),
  )
})

test('what was deleted is not kept', () => {
  const rows = Array.from({ length: 8 }, (_, id) => item(id))
  const before = longer(refreshed(undefined, [], { sessions: rows.slice(0, size), total: 8 }), rows.slice(size))
  const after = refreshed(before, [], { sessions: rows.slice(1, size + 1), total: 7 })
  expect(after.first.some(({ id }) => id === '0')).toBe(false)
  expect(after.older.some(({ id }) => id === '0')).toBe(false)
})
