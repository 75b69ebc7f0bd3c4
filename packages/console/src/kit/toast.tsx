import { useEffect, useState, useSyncExternalStore } from 'react'
import { common } from '../i18n/common.ts'
import { useWords } from '../i18n/language.ts'

interface Toast {
  readonly text: string
  /** Takes back what was done. Without it nothing can be. */
  readonly undo?: () => void
  /** Called when the time to take it back is over. */
  readonly commit?: () => void
}

const shownMs = 6000
let current: Toast | undefined
const listeners = new Set<() => void>()

/** Shows one line at the foot of the page; an earlier one is over, and stands. */
export function toast(next: Toast): void {
  const before = current
  become(next)
  before?.commit?.()
}

function become(next: Toast | undefined): void {
  current = next
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function ToastPlace() {
  const shown = useSyncExternalStore(subscribe, () => current)
  const [isHeld, hold] = useState(false)
  const t = useWords(common)
  useEffect(() => {
    const onLeave = () => current?.commit?.()
    addEventListener('pagehide', onLeave)
    return () => removeEventListener('pagehide', onLeave)
  }, [])
  useEffect(() => {
    if (!shown || isHeld) return
    const timer = setTimeout(() => {
      become(undefined)
      shown.commit?.()
    }, shownMs)
    return () => clearTimeout(timer)
  }, [shown, isHeld])

  const undo = () => {
    become(undefined)
    hold(false)
    shown?.undo?.()
  }
  return (
    <div className="toast-place" role="status" aria-live="polite">
      {shown && (
        // biome-ignore lint/a11y/noStaticElementInteractions: looking at it stops its clock, nothing is done by it
        <div
          className="toast"
          onMouseEnter={() => hold(true)}
          onMouseLeave={() => hold(false)}
          onFocus={() => hold(true)}
          onBlur={() => hold(false)}
        >
          <span className="grow">{shown.text}</span>
          {shown.undo && (
            <button type="button" onClick={undo}>
              {t.undo}
            </button>
          )}
        </div>
      )}
    </div>
  )
}
