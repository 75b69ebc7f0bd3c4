import { useSyncExternalStore } from 'react'

/** What was changed here and the list does not know yet. */
interface ListState {
  /** Sessions that are being deleted: the person may still take it back. */
  readonly hidden: ReadonlySet<string>
  readonly version: number
}

let state: ListState = { hidden: new Set(), version: 0 }
const listeners = new Set<() => void>()

function become(next: ListState): void {
  state = next
  for (const listener of listeners) listener()
}

export function hide(sessionId: string): void {
  become({ ...state, hidden: new Set([...state.hidden, sessionId]) })
}

export function show(sessionId: string): void {
  become({ ...state, hidden: new Set([...state.hidden].filter((id) => id !== sessionId)) })
}

/** The list has to be read again. */
export function changed(): void {
  become({ ...state, version: state.version + 1 })
}

export function useListState(): ListState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => state,
  )
}
