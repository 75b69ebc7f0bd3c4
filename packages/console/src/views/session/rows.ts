import type { Item } from '../../session/items.ts'

/** What is drawn as one piece: something by itself, or some of what an agent did in a row. */
export interface Row {
  readonly key: string
  readonly items: readonly Item[]
  /** The first of its segment: it has the head. */
  readonly isHead: boolean
}

const longestRow = 12

/** Rows of the transcript. A row whose items are the same ones as before is the same object, so it is not drawn again. */
export function rowsOf(items: readonly Item[], before: readonly Row[]): readonly Row[] {
  const rows: Row[] = []
  let open: Item[] = []
  let lastSegment = -1
  const close = () => {
    const [first] = open
    if (!first) return
    const isHead = first.segment >= 0 && first.segment !== lastSegment
    lastSegment = first.segment
    rows.push(sameOr(before[rows.length], { key: first.id, items: open, isHead }))
    open = []
  }
  for (const item of items) {
    const isOwn = item.segment < 0 || item.kind === 'failure'
    const isNext = open.length === 0 || open[0]?.segment !== item.segment || open.length >= longestRow
    if (isOwn || isNext || open[0]?.kind === 'user') close()
    open.push(item)
    if (isOwn) close()
  }
  close()
  return rows
}

function sameOr(old: Row | undefined, row: Row): Row {
  if (old?.key !== row.key || old.isHead !== row.isHead || old.items.length !== row.items.length) return row
  return old.items.every((item, index) => item === row.items[index]) ? old : row
}
