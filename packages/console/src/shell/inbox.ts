import { useEffect, useSyncExternalStore } from 'react'
import { call } from '../net/api.ts'

/** A call of any session that waits for a person, as far as the shell and the list show it. */
export interface Waiting {
  readonly session_id: string
  readonly call_id: string
  readonly tool_name: string
  readonly arguments: Readonly<Record<string, unknown>>
  readonly created_at: string
}

export interface InboxState {
  readonly waiting: number
  readonly bySession: ReadonlyMap<string, Waiting>
}

const everyMs = 4000
let state: InboxState = { waiting: 0, bySession: new Map() }
const listeners = new Set<() => void>()
let again = () => {}

/** Reads what waits now; after a decision, so that the figure is right at once. */
export function readInboxNow(): void {
  again()
}

/** What waits longest. */
export function firstWaiting(): Waiting | undefined {
  const [first] = state.bySession.values()
  return first
}

export function useInbox(): InboxState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => state,
  )
}

/** Keeps the state up to date while the page is seen. One place of the page calls it. */
export function useInboxReader(): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let isOver = false
    const read = async () => {
      clearTimeout(timer)
      if (document.visibilityState === 'visible') {
        const inbox = await call<{ approvals: readonly Waiting[]; waiting: number }>(
          'GET',
          '/approvals?limit=100',
        ).catch(() => undefined)
        if (inbox && !isOver) become(inbox)
      }
      if (!isOver) timer = setTimeout(() => void read(), everyMs)
    }
    again = () => void read()
    void read()
    return () => {
      isOver = true
      clearTimeout(timer)
    }
  }, [])
}

function become({ approvals, waiting }: { approvals: readonly Waiting[]; waiting: number }): void {
  const bySession = new Map<string, Waiting>()
  for (const approval of approvals)
    if (!bySession.has(approval.session_id)) bySession.set(approval.session_id, approval)
  state = { waiting, bySession }
  document.title = waiting > 0 ? `(${waiting}) CodeLab` : 'CodeLab'
  for (const listener of listeners) listener()
}
