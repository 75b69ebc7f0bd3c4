import type { CallItem, Transcript } from '../../session/items.ts'

const changing: ReadonlySet<string> = new Set([
  'write_file',
  'edit_file',
  'delete_file',
  'move_file',
  'create_directory',
])

/** What was really done to files. */
export function changesOf({ items }: Transcript): readonly CallItem[] {
  return items.filter(
    (item): item is CallItem =>
      item.kind === 'call' && changing.has(item.tool) && item.state === 'done' && item.parent === undefined,
  )
}
