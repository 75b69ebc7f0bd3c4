import { useEffect } from 'react'
import { go, type ViewName } from '../router.ts'
import { firstWaiting } from './inbox.ts'

const places: Readonly<Record<string, ViewName>> = {
  s: 'sessions',
  a: 'inbox',
  u: 'usage',
  t: 'try',
  r: 'rules',
  h: 'health',
}
const secondKeyMs = 1500

/** Letters of the whole page: `/` searches, `.` goes to what waits, `G` and a letter to a view. None of them where a person writes. */
export function useKeys(): void {
  useEffect(() => {
    let wentAt = 0
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return
      const key = event.key.toLowerCase()
      const place = performance.now() - wentAt < secondKeyMs ? places[key] : undefined
      wentAt = key === 'g' ? performance.now() : 0
      if (place) go(place)
      else if (key === '/') focusSearch()
      else if (key === '.') goToWaiting()
      else return
      event.preventDefault()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}

function focusSearch(): void {
  document.querySelector<HTMLElement>('#session-search')?.focus()
}

function goToWaiting(): void {
  const waiting = firstWaiting()
  if (waiting) go('session', waiting.session_id)
}
