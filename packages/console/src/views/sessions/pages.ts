import type { ListItem } from './list-item.ts'

/** What was read of a list that changes meanwhile. */
export interface Pages {
  /** What waits or runs, however far down it stands. */
  readonly live: readonly ListItem[]
  readonly first: readonly ListItem[]
  readonly older: readonly ListItem[]
  /** Rows from the top that were read: the next page begins here. */
  readonly read: number
  readonly total: number
}

interface Page {
  readonly sessions: readonly ListItem[]
  readonly total: number
}

/** The newest page read anew. What newer ones pushed off it goes on below; what was deleted goes. */
export function refreshed(old: Pages | undefined, live: readonly ListItem[], { sessions, total }: Page): Pages {
  if (!old || old.older.length === 0) return { live, first: sessions, older: [], read: sessions.length, total }
  const ids = new Set(sessions.map(({ id }) => id))
  const added = Math.max(0, total - old.total)
  const pushed = total >= old.total ? old.first.filter(({ id }) => !ids.has(id)) : []
  return {
    live,
    first: sessions,
    older: unique([...pushed, ...old.older]),
    read: Math.min(total, old.read + added),
    total,
  }
}

export function longer(old: Pages | undefined, sessions: readonly ListItem[]): Pages | undefined {
  if (!old) return undefined
  return { ...old, older: unique([...old.older, ...sessions]), read: old.read + sessions.length }
}

/** Each session once, where it stands first. */
export function unique(rows: readonly ListItem[]): ListItem[] {
  const seen = new Set<string>()
  return rows.filter(({ id }) => !seen.has(id) && seen.add(id))
}
