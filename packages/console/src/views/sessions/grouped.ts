import { daysBefore } from '../../i18n/format.ts'
import type { ListItem } from './list-item.ts'

export type GroupName = 'waitingForYou' | 'running' | 'today' | 'yesterday' | 'thisWeek' | 'older'

export type ListRow =
  | { readonly kind: 'group'; readonly name: GroupName; readonly count: number }
  | { readonly kind: 'session'; readonly session: ListItem }

const order: readonly GroupName[] = ['waitingForYou', 'running', 'today', 'yesterday', 'thisWeek', 'older']

/** What waits first, then what runs, then by day; each session once. */
export function grouped(sessions: readonly ListItem[], now: number): readonly ListRow[] {
  const groups = new Map<GroupName, ListItem[]>(order.map((name) => [name, []]))
  const seen = new Set<string>()
  for (const session of sessions) {
    if (seen.has(session.id)) continue
    seen.add(session.id)
    groups.get(groupOf(session, now))?.push(session)
  }
  const rows: ListRow[] = []
  for (const [name, members] of groups) {
    if (members.length === 0) continue
    rows.push({ kind: 'group', name, count: members.length })
    for (const session of members) rows.push({ kind: 'session', session })
  }
  return rows
}

function groupOf({ state, last_activity: at }: ListItem, now: number): GroupName {
  if (state === 'awaiting_approval') return 'waitingForYou'
  if (state === 'running' || state === 'awaiting_tool') return 'running'
  const days = daysBefore(new Date(at), now)
  if (days === 0) return 'today'
  if (days === 1) return 'yesterday'
  return days < 7 ? 'thisWeek' : 'older'
}
