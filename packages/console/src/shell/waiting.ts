import { useSyncExternalStore } from 'react'

let waiting = 0
const listeners = new Set<() => void>()

/** How many decisions wait for the person, as whoever reads them last saw it. */
export function setWaiting(count: number): void {
  if (count === waiting) return
  waiting = count
  document.title = count > 0 ? `(${count}) CodeLab` : 'CodeLab'
  for (const listener of listeners) listener()
}

export function useWaiting(): number {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => waiting,
  )
}
